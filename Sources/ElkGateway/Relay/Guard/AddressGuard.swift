package import NIOCore

/// Says which addresses and names a request must not reach when somebody else than the operator chose them.
///
/// Everything that is not a public unicast address is refused, whatever it is wrapped in: the machine itself, its networks, and
/// the metadata services of clouds. Names are looked at before the lookup, addresses after it and before the connection.
package enum AddressGuard {
    private struct Block {
        var bits: [UInt8]
        var length: Int
        var what: String
    }

    /// Ports besides 80 and 443 that web services use.
    private static let ports: Set<Int> = [80, 443, 8080, 8443]

    /// Why a name or its port is refused before it is looked up; nil when it is not.
    package static func refusal(ofName host: String, port: Int) -> String? {
        guard ports.contains(port) else { return "port \(port)" }
        if AddressResolver.literal(host, port: port) != nil { return nil }
        var name = host.lowercased()
        if name.hasSuffix(".") { name.removeLast() }
        let bytes = name.utf8
        // Zones, brackets, percent-encoding and what looks like punctuation of another alphabet.
        guard !bytes.isEmpty, bytes.count <= 253, bytes.allSatisfy({ isNameByte($0) }) else { return "not a host name" }
        guard bytes.contains(UInt8(ascii: ".")) else { return "a name without a domain" }
        // A last label of digits is an address in one of its odd forms: short, octal, hexadecimal or one number.
        let last = name.split(separator: ".", omittingEmptySubsequences: false).last ?? ""
        if last.utf8.allSatisfy({ (0x30...0x39).contains($0) }) || last.hasPrefix("0x") {
            return "an address in an odd form"
        }
        for suffix in [".localhost", ".local", ".internal", ".lan", ".home.arpa", ".localdomain", ".intranet"]
        where name.hasSuffix(suffix) {
            return "a name of the inner network"
        }
        return nil
    }

    /// Why an address is refused; nil when it is public.
    package static func refusal(of address: SocketAddress) -> String? {
        switch address {
        // By their layout (sockaddr_in, sockaddr_in6): the members belong to a module of NIO's own.
        case .v4(let address):
            return withUnsafeBytes(of: address.address) { refusal(ofIPv4: Array($0[4..<8])) }
        case .v6(let address):
            return withUnsafeBytes(of: address.address) { bytes in
                guard bytes[24..<28].allSatisfy({ $0 == 0 }) else { return "an address with a zone" }
                return refusal(ofIPv6: Array(bytes[8..<24]))
            }
        case .unixDomainSocket:
            return "a socket file"
        }
    }

    private static func refusal(ofIPv4 bytes: [UInt8]) -> String? {
        for block in blocks4 where matches(bytes, block) { return block.what }
        return nil
    }

    private static func refusal(ofIPv6 bytes: [UInt8]) -> String? {
        // Those that carry an IPv4 address: mapped, translated (NAT64), 6to4.
        for (block, offset) in carriers where matches(bytes, block) {
            return refusal(ofIPv4: Array(bytes[offset..<offset + 4]))
        }
        for block in blocks6 where matches(bytes, block) { return block.what }
        return nil
    }

    private static func matches(_ bytes: [UInt8], _ block: Block) -> Bool {
        for bit in 0..<block.length {
            let mask = UInt8(0x80) >> UInt8(bit % 8)
            let wanted = bit / 8 < block.bits.count ? block.bits[bit / 8] : 0
            if bytes[bit / 8] & mask != wanted & mask { return false }
        }
        return true
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        (0x61...0x7A).contains(byte) || (0x30...0x39).contains(byte) || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: ".")
            || byte == UInt8(ascii: "_")
    }

    private static let blocks4: [Block] = [
        Block(bits: [0], length: 8, what: "this network"),
        Block(bits: [10], length: 8, what: "a private network"),
        Block(bits: [100, 64], length: 10, what: "a carrier's network"),
        Block(bits: [127], length: 8, what: "this machine"),
        Block(bits: [169, 254], length: 16, what: "a link-local address"),
        Block(bits: [172, 16], length: 12, what: "a private network"),
        Block(bits: [192, 0, 0], length: 24, what: "a protocol's network"),
        Block(bits: [192, 0, 2], length: 24, what: "an example network"),
        Block(bits: [192, 88, 99], length: 24, what: "a relay network"),
        Block(bits: [192, 168], length: 16, what: "a private network"),
        Block(bits: [198, 18], length: 15, what: "a test network"),
        Block(bits: [198, 51, 100], length: 24, what: "an example network"),
        Block(bits: [203, 0, 113], length: 24, what: "an example network"),
        Block(bits: [224], length: 4, what: "a multicast address"),
        Block(bits: [240], length: 4, what: "a reserved network"),
    ]

    private static let carriers: [(Block, offset: Int)] = [
        (Block(bits: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], length: 96, what: "mapped"), 12),
        (Block(bits: [0, 0x64, 0xFF, 0x9B], length: 96, what: "translated"), 12),
        (Block(bits: [0x20, 0x02], length: 16, what: "6to4"), 2),
    ]

    private static let blocks6: [Block] = [
        // The unspecified address, this machine and the old IPv4-compatible form.
        Block(bits: [], length: 96, what: "this machine"),
        Block(bits: [0, 0x64, 0xFF, 0x9B, 0, 1], length: 48, what: "a translated private address"),
        Block(bits: [1], length: 64, what: "a discarded network"),
        // Teredo among others.
        Block(bits: [0x20, 0x01, 0], length: 23, what: "a protocol's network"),
        Block(bits: [0x20, 0x01, 0x0D, 0xB8], length: 32, what: "an example network"),
        Block(bits: [0xFC], length: 7, what: "a private network"),
        Block(bits: [0xFE, 0x80], length: 10, what: "a link-local address"),
        Block(bits: [0xFE, 0xC0], length: 10, what: "a site-local address"),
        Block(bits: [0xFF], length: 8, what: "a multicast address"),
    ]
}
