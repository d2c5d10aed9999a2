import ElkWire
import HTTPTypes

/// The key of a request, in whichever of the usual forms it was sent (GC 1.1.1).
enum Credentials {
    /// - Parameter queryKey: `key` of the query, on the paths where Google's clients send it.
    /// - Throws: a refusal when two different keys were sent: which of them pays must not be a matter of taste.
    static func key(in headers: HTTPFields, queryKey: String?) throws(Failure) -> String? {
        var found: String?
        func take(_ key: String) throws(Failure) {
            guard !key.isEmpty else { return }
            guard found == nil || found == key else { throw .ambiguousCredentials }
            found = key
        }
        for field in headers {
            switch field.name {
            case .authorization:
                if let key = key(ofAuthorization: field.value) { try take(key) }
            case .extendedAPIKey, .googleAPIKey, .apiKey:
                try take(field.value)
            default:
                break
            }
        }
        if let queryKey { try take(queryKey) }
        return found
    }

    /// The key of `openai-insecure-api-key.KEY` among the offered protocols of a WebSocket.
    static func key(ofProtocols headers: HTTPFields) -> String? {
        let prefix = "openai-insecure-api-key."
        let offered = WebSocketOffer.list(headers[values: .secWebSocketProtocol])
        return offered.first { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.utf8.count)) }
    }

    /// The key of `Bearer KEY`, with the scheme in any case, and of a bare `KEY`; nil for other schemes.
    private static func key(ofAuthorization value: String) -> String? {
        guard let space = value.firstIndex(of: " ") else {
            return value.lowercased() == "bearer" ? nil : value
        }
        guard value[..<space].lowercased() == "bearer" else { return nil }
        return String(value[space...].drop { $0 == " " })
    }
}
