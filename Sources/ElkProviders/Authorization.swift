/// How a provider wants its key.
package enum Authorization: Sendable, Hashable {
    /// `authorization: Bearer KEY`.
    case bearer
    /// The key alone in a header of that (lower-case) name.
    case header(String)
    /// Servers of one's own that may run without a key: a bearer credential where the channel has a key, else none.
    case bearerIfPresent

    /// The header that carries `key`; nil where none is to be sent.
    ///
    /// A key never goes into a URL, because URLs are logged.
    func header(for key: String) -> (name: String, value: String)? {
        switch self {
        case .bearer: ("authorization", "Bearer \(key)")
        case .header(let name): (name, key)
        case .bearerIfPresent: key.isEmpty ? nil : ("authorization", "Bearer \(key)")
        }
    }
}
