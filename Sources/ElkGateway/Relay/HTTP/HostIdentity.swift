import NIOSSL

/// Whether a certificate was issued for a host's name.
///
/// NIOSSL has verified by then that somebody vouches for the certificate, but it also accepts one that is good for the *address* that was connected to.
/// Whoever can lie about a name's address may well own a certificate for the address it lied with, so a name must be named.
enum HostIdentity {
    static func isNamed(_ host: String, by certificate: NIOSSLCertificate) -> Bool {
        var names: [String] = []
        var hasAlternatives = false
        for name in certificate._subjectAlternativeNames() {
            hasAlternatives = true
            if name.nameType == .dnsName { names.append(String(decoding: name.contents, as: UTF8.self)) }
        }
        // Without any, NIOSSL has compared the common name.
        return !hasAlternatives || names.contains { matches(host, $0) }
    }

    /// Names equal in any case, or a star that stands for the whole first label and nothing else.
    static func matches(_ host: String, _ pattern: String) -> Bool {
        let (host, pattern) = (normal(host), normal(pattern))
        guard !host.isEmpty, !pattern.isEmpty else { return false }
        guard pattern.hasPrefix("*.") else { return host == pattern }
        guard let dot = host.firstIndex(of: "."), dot != host.startIndex else { return false }
        return host[dot...] == pattern.dropFirst()
    }

    private static func normal(_ name: String) -> String {
        let name = name.lowercased()
        return name.hasSuffix(".") ? String(name.dropLast()) : name
    }
}
