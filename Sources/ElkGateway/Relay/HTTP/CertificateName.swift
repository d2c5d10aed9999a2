import NIOSSL

/// Whether a certificate is for a host, by its DNS names alone.
///
/// NIOSSL also takes a certificate for the address that was connected to. Whoever can answer a DNS query with an address of
/// theirs could then show a valid certificate for that address, so names are looked at once more.
enum CertificateName {
    static func allows(_ certificate: NIOSSLCertificate?, _ host: String) -> Bool {
        guard let certificate else { return false }
        return certificate._subjectAlternativeNames().contains { name in
            name.nameType == .dnsName
                && name.contents.withUnsafeBufferPointer { matches(Array($0), Array(host.utf8)) }
        }
    }

    /// RFC 6125, section 6.4: equal but for case; `*` stands for the whole first label, and only that.
    static func matches(_ pattern: [UInt8], _ host: [UInt8]) -> Bool {
        let (pattern, host) = (labels(pattern), labels(host))
        guard pattern.count == host.count, let first = pattern.first, pattern.dropFirst() == host.dropFirst() else {
            return false
        }
        return first == host.first || (Array(first) == [UInt8(ascii: "*")] && pattern.count > 2)
    }

    private static func labels(_ name: [UInt8]) -> [[UInt8]] {
        var name = name.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 | 0x20 : $0 }
        if name.last == UInt8(ascii: ".") { name.removeLast() }
        return name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map(Array.init)
    }
}
