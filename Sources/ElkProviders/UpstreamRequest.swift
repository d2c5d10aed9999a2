package import NIOCore

/// One HTTP request to a provider, ready to be sent.
///
/// `host` and `port` come from the channel's validated base URL and from nowhere else; `path` starts with `/` and holds only
/// bytes that cannot end it early. Whoever sends it adds `host`, `content-length` and nothing else, and follows no redirect.
/// The headers carry the provider's key: the description leaves them out.
package struct UpstreamRequest: Sendable, CustomStringConvertible, CustomReflectable {
    package enum Method: String, Sendable { case get = "GET", post = "POST" }

    package var method: Method
    package var isSecure: Bool
    /// Lower-case; an IPv6 address without its brackets.
    package var host: String
    package var port: Int
    /// Path and query.
    package var path: String
    /// Names are lower-case; values hold no control characters.
    package var headers: [(name: String, value: String)]
    package var body: ByteBuffer

    package init(
        method: Method,
        isSecure: Bool,
        host: String,
        port: Int,
        path: String,
        headers: [(name: String, value: String)],
        body: ByteBuffer
    ) {
        (self.method, self.isSecure, self.host, self.port) = (method, isSecure, host, port)
        (self.path, self.headers, self.body) = (path, headers, body)
    }

    package var description: String {
        let name = host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host
        return "\(method.rawValue) \(isSecure ? "https" : "http")://\(name):\(port)\(path)"
    }

    package var customMirror: Mirror { Mirror(self, children: ["description": description]) }
}
