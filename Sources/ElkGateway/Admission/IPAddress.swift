/// A network address of 128 bits.
///
/// IPv4 addresses are kept as `::ffff:a.b.c.d`, so that a client that reaches a dual-stack socket over IPv4 is the same
/// client whichever way the system prints it.
package struct IPAddress: Sendable, Hashable {
    /// The address as one number, network byte order.
    package let bits: UInt128
    package let isIPv4: Bool

    /// Reads `192.0.2.1`, `2001:db8::1`, `::ffff:192.0.2.1`, brackets and a zone (`fe80::1%eth0`, which is ignored) allowed; nil for all else.
    package init?(_ text: some StringProtocol) {
        // The longest textual address is 45 characters; a zone may follow. What is longer cannot be one.
        guard text.utf8.count <= 128 else { return nil }
        var bytes = Array(text.utf8)
        if bytes.first == UInt8(ascii: "["), bytes.last == UInt8(ascii: "]") {
            bytes = Array(bytes.dropFirst().dropLast())
        }
        if let zone = bytes.firstIndex(of: UInt8(ascii: "%")) { bytes.removeSubrange(zone...) }
        if let v4 = Self.v4(bytes[...]) {
            bits = Self.mappedPrefix | UInt128(v4)
            isIPv4 = true
        } else if let v6 = Self.v6(bytes) {
            bits = v6
            isIPv4 = v6 >> 32 == Self.mappedPrefix >> 32
        } else {
            return nil
        }
    }

    /// This machine itself: 127.0.0.0/8 and ::1.
    package var isLoopback: Bool { isIPv4 ? (bits >> 24) & 0xff == 127 : bits == 1 }

    private static let mappedPrefix: UInt128 = 0xffff << 32

    private static func v4(_ bytes: ArraySlice<UInt8>) -> UInt32? {
        var value: UInt32 = 0
        var octet: UInt32 = 0
        var digits = 0
        var dots = 0
        for byte in bytes {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                // A leading zero means octal to some readers and decimal to others; nobody needs it.
                guard digits < 3, !(digits > 0 && octet == 0) else { return nil }
                octet = octet * 10 + UInt32(byte - UInt8(ascii: "0"))
                digits += 1
                guard octet <= 255 else { return nil }
            case UInt8(ascii: "."):
                guard digits > 0, dots < 3 else { return nil }
                value = value << 8 | octet
                octet = 0
                digits = 0
                dots += 1
            default: return nil
            }
        }
        guard dots == 3, digits > 0 else { return nil }
        return value << 8 | octet
    }

    private static func v6(_ bytes: [UInt8]) -> UInt128? {
        var head: [UInt16] = []
        var tail: [UInt16] = []
        var seenGap = false
        var index = 0
        if bytes.starts(with: [UInt8(ascii: ":"), UInt8(ascii: ":")]) {
            seenGap = true
            index = 2
        }
        while index < bytes.count {
            let end = bytes[index...].firstIndex(of: UInt8(ascii: ":")) ?? bytes.count
            let part = bytes[index..<end]
            if part.contains(UInt8(ascii: ".")) {
                guard end == bytes.count, let v4 = v4(part) else { return nil }
                let words = [UInt16(truncatingIfNeeded: v4 >> 16), UInt16(truncatingIfNeeded: v4)]
                if seenGap { tail += words } else { head += words }
                index = end
                break
            }
            guard let word = hexWord(part) else { return nil }
            if seenGap { tail.append(word) } else { head.append(word) }
            guard head.count + tail.count <= 8 else { return nil }
            index = end
            guard index < bytes.count else { break }
            // At a colon: one more makes the gap, and none may end the text.
            index += 1
            guard index < bytes.count else { return nil }
            if bytes[index] == UInt8(ascii: ":") {
                guard !seenGap else { return nil }
                seenGap = true
                index += 1
            }
        }
        let count = head.count + tail.count
        guard seenGap ? count < 8 : count == 8 else { return nil }
        let words = head + Array(repeating: 0, count: 8 - count) + tail
        return words.reduce(0) { $0 << 16 | UInt128($1) }
    }

    private static func hexWord(_ digits: ArraySlice<UInt8>) -> UInt16? {
        guard (1...4).contains(digits.count) else { return nil }
        var value: UInt16 = 0
        for digit in digits {
            let nibble: UInt8
            switch digit {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): nibble = digit - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): nibble = digit - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): nibble = digit - UInt8(ascii: "A") + 10
            default: return nil
            }
            value = value << 4 | UInt16(nibble)
        }
        return value
    }
}
