package import ElkWire

/// One upstream service: how to reach it, what it serves and how to read its failures.
///
/// A value, declared in a file of its own in `Catalog/` and listed in `Provider+All.swift`. What it cannot do is absent.
/// It knows nothing of prices, accounts or channels.
package struct Provider: Sendable {
    /// Stable, lower-case; what channels store.
    package let id: String
    package let title: String
    /// nil where every channel brings its own address.
    package let baseURL: String?
    package let authorization: Authorization
    /// Sent with every request, such as `anthropic-version`.
    ///
    /// A client's header of the same name wins.
    package let headers: [(name: String, value: String)]
    /// For the query of paths with `{apiVersion}`, where the channel names none.
    package let apiVersion: String?
    /// What it serves natively.
    package let endpoints: [Endpoint: Service]
    package let failures: FailureReading

    init(
        id: String,
        title: String,
        baseURL: String?,
        authorization: Authorization = .bearer,
        headers: [(name: String, value: String)] = [],
        apiVersion: String? = nil,
        endpoints: [Endpoint: Service],
        failures: FailureReading = .standard
    ) {
        (self.id, self.title, self.baseURL, self.authorization) = (id, title, baseURL, authorization)
        (self.headers, self.apiVersion, self.endpoints, self.failures) = (headers, apiVersion, endpoints, failures)
    }

    /// The provider of that id.
    package static func named(_ id: String) -> Provider? { byID[id] }

    private static let byID = Dictionary(uniqueKeysWithValues: all.map { ($0.id, $0) })
}
