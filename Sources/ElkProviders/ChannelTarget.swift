package import ElkWire
package import NIOCore

/// One way to one provider: a channel, one of its keys and the model's upstream name.
///
/// Made by the gateway from the catalog for every attempt; making it parses the base URL, so keep a prepared one a channel
/// and key and set `model`. The key is a secret in clear: descriptions leave it out.
package struct ChannelTarget: Sendable, CustomStringConvertible, CustomReflectable {
    /// Sets (or with nil removes) one member of the JSON body that goes up; `path` is a member name, or names joined by dots.
    package typealias Override = (path: String, json: ByteBuffer?)

    package var provider: Provider
    package let address: BaseURL
    package var key: String
    /// The name that goes up, after the channel's mapping.
    package var model: String
    package var overrides: [Override]
    /// The channel's own headers, set last.
    ///
    /// Names are lower-case.
    package var headers: [(name: String, value: String)]
    package var organization: String?
    package var project: String?
    /// For providers that want a version in the query (Azure OpenAI).
    package var apiVersion: String?

    /// - Throws: `invalidRequest` when there is no valid base URL, or a header or key holds control characters.
    package init(
        provider: Provider,
        baseURL: String? = nil,
        key: String,
        model: String,
        overrides: [Override] = [],
        headers: [(name: String, value: String)] = [],
        organization: String? = nil,
        project: String? = nil,
        apiVersion: String? = nil
    ) throws(Failure) {
        guard let url = baseURL ?? provider.baseURL else {
            throw .invalidRequest("A channel of \(provider.title) needs a base URL", parameter: "base_url")
        }
        address = try BaseURL(parsing: url)
        for value in [key, organization ?? "", project ?? ""] + headers.map(\.value) {
            guard HeaderSafety.isValue(value) else {
                throw .invalidRequest("Keys and header values must not hold control characters", parameter: "key")
            }
        }
        for header in headers {
            guard HeaderSafety.isChannelHeader(header.name) else {
                throw .invalidRequest("The header \"\(header.name)\" cannot be set", parameter: "headers")
            }
        }
        if let apiVersion, !PathComponent.isSafe(apiVersion) {
            throw .invalidRequest("\"api_version\" must be letters, digits, '-', '.' and '_'", parameter: "api_version")
        }
        (self.provider, self.key, self.model) = (provider, key, model)
        (self.overrides, self.headers) = (overrides, headers)
        (self.organization, self.project, self.apiVersion) = (organization, project, apiVersion)
    }

    package var description: String { "\(provider.id) \(address) \(model)" }
    package var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}

/// Which header names and values may go into a request head.
enum HeaderSafety {
    /// Names that frame the message or carry the credential: the gateway alone writes them.
    private static let reserved: Set<String> = [
        "host", "content-length", "transfer-encoding", "connection", "upgrade", "te", "trailer", "keep-alive", "expect",
        "proxy-authorization", "proxy-connection", "content-encoding", "accept-encoding",
    ]

    static func isValue(_ text: String) -> Bool {
        text.utf8.count <= 16 << 10 && text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F }
    }

    static func isChannelHeader(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 100 && !reserved.contains(name)
            && name.utf8.allSatisfy {
                $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                    || ($0.isLetterOrDigit && !(0x41...0x5A).contains($0))
            }
    }
}
