package import ElkWire

/// Where a channel's requests go: parsed once, so that nothing in a request can move it to another host.
package struct BaseURL: Sendable, Hashable, CustomStringConvertible {
    package let isSecure: Bool
    /// Lower-case; an IPv6 address without its brackets.
    package let host: String
    package let port: Int
    /// Empty, or `/` and more without a trailing `/`.
    package let path: String

    /// Takes `http(s)://host[:port][/path]` and nothing else: no credentials, no query, no fragment, no dot segments, no
    /// percent-encoding.
    package init(parsing text: String) throws(Failure) {
        guard let parsed = BaseURL(text: text) else {
            throw .invalidRequest("\"base_url\" must be http(s)://host[:port][/path]", parameter: "base_url")
        }
        self = parsed
    }

    init?(text: String) {
        let scheme: (isSecure: Bool, port: Int, rest: Substring)
        if text.utf8.starts(with: "https://".utf8) {
            scheme = (true, 443, text.dropFirst(8))
        } else if text.utf8.starts(with: "http://".utf8) {
            scheme = (false, 80, text.dropFirst(7))
        } else {
            return nil
        }
        let authority = scheme.rest.prefix { $0 != "/" }
        guard let (host, port) = Self.split(authority, defaultPort: scheme.port),
            let path = Self.path(scheme.rest[authority.endIndex...])
        else { return nil }
        (isSecure, self.host, self.port, self.path) = (scheme.isSecure, host, port, path)
    }

    package var description: String {
        "\(isSecure ? "https" : "http")://\(host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]" : host):\(port)\(path)"
    }

    private static func split(_ authority: Substring, defaultPort: Int) -> (host: String, port: Int)? {
        var rest = authority
        let host: Substring
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]") else { return nil }
            host = rest[rest.index(after: rest.startIndex)..<end]
            guard host.utf8.allSatisfy({ $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") || $0.isHexDigit }),
                host.utf8.contains(UInt8(ascii: ":"))
            else { return nil }
            rest = rest[rest.index(after: end)...]
        } else {
            host = rest.prefix { $0 != ":" }
            guard
                host.utf8.allSatisfy({
                    $0.isLetterOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
                }),
                host.utf8.count <= 253, !host.hasPrefix("."), !host.hasPrefix("-")
            else { return nil }
            rest = rest[host.endIndex...]
        }
        guard !host.isEmpty else { return nil }
        if rest.isEmpty { return (host.lowercased(), defaultPort) }
        guard rest.first == ":", rest.dropFirst().utf8.allSatisfy(\.isDigit), let port = Int(rest.dropFirst()),
            (1...65535).contains(port)
        else { return nil }
        return (host.lowercased(), port)
    }

    private static func path(_ text: Substring) -> String? {
        var text = text
        while text.last == "/" { text.removeLast() }
        guard !text.isEmpty else { return "" }
        for component in text.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
            guard PathComponent.isSafe(component) else { return nil }
        }
        return String(text)
    }
}
