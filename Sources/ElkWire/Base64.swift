package import NIOCore

/// Base64 (RFC 4648): the standard alphabet with padding, or that for addresses without.
package enum Base64 {
    package enum Alphabet: Sendable, Hashable {
        case standard, url
    }

    /// The length of `count` bytes when encoded.
    package static func encodedLength(_ count: Int, _ alphabet: Alphabet = .standard) -> Int {
        alphabet == .standard ? (count + 2) / 3 * 4 : (count * 4 + 2) / 3
    }

    /// The bytes that `text` stands for; nil when it is not base64.
    ///
    /// Reads either alphabet, with or without padding; white space and anything else is refused.
    package static func decode(_ text: ByteBuffer) -> ByteBuffer? {
        text.withUnsafeReadableBytes(decode)
    }

    package static func decode(_ text: some StringProtocol) -> ByteBuffer? {
        var copy = String(text)
        return copy.withUTF8 { decode(UnsafeRawBufferPointer($0)) }
    }

    private static func decode(_ text: UnsafeRawBufferPointer) -> ByteBuffer? {
        var count = text.count
        while count > 0, text.count - count < 2, text[count - 1] == UInt8(ascii: "=") { count -= 1 }
        guard count % 4 != 1, count == text.count || text.count % 4 == 0 else { return nil }
        var out = ByteBuffer()
        var isValid = true
        out.writeWithUnsafeMutableBytes(minimumWritableBytes: count * 3 / 4) { target in
            values.withUnsafeBufferPointer { values in
                var bits: UInt32 = 0
                var written = 0
                var seen: UInt8 = 0
                var at = 0
                while at + 4 <= count {
                    let first = values[Int(text[at])]
                    let second = values[Int(text[at + 1])]
                    let third = values[Int(text[at + 2])]
                    let fourth = values[Int(text[at + 3])]
                    seen |= first | second | third | fourth
                    bits = UInt32(first) << 18 | UInt32(second) << 12 | UInt32(third) << 6 | UInt32(fourth)
                    target[written] = UInt8(truncatingIfNeeded: bits >> 16)
                    target[written + 1] = UInt8(truncatingIfNeeded: bits >> 8)
                    target[written + 2] = UInt8(truncatingIfNeeded: bits)
                    at += 4
                    written += 3
                }
                if at < count {
                    bits = 0
                    for offset in 0..<3 {
                        let value = at + offset < count ? values[Int(text[at + offset])] : 0
                        seen |= value
                        bits = bits << 6 | UInt32(value)
                    }
                    target[written] = UInt8(truncatingIfNeeded: bits >> 10)
                    written += 1
                    if count - at == 3 {
                        target[written] = UInt8(truncatingIfNeeded: bits >> 2)
                        written += 1
                    }
                }
                isValid = seen & 0xC0 == 0
                return written
            }
        }
        return isValid ? out : nil
    }

    /// Six bits for each byte of either alphabet, 255 for all others.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 255, count: 256)
        for alphabet in [digits(of: .standard), digits(of: .url)] {
            for (value, digit) in UnsafeBufferPointer(start: alphabet.utf8Start, count: 64).enumerated() {
                values[Int(digit)] = UInt8(value)
            }
        }
        return values
    }()

    static func digits(of alphabet: Alphabet) -> StaticString {
        switch alphabet {
        case .standard: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        case .url: "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        }
    }
}

extension ByteBuffer {
    package mutating func writeBase64(_ bytes: ByteBuffer, _ alphabet: Base64.Alphabet = .standard) {
        bytes.withUnsafeReadableBytes { writeBase64($0, alphabet) }
    }

    package mutating func writeBase64(_ bytes: UnsafeRawBufferPointer, _ alphabet: Base64.Alphabet = .standard) {
        let digits = UnsafeBufferPointer(start: Base64.digits(of: alphabet).utf8Start, count: 64)
        let length = Base64.encodedLength(bytes.count, alphabet)
        writeWithUnsafeMutableBytes(minimumWritableBytes: length) { target in
            var read = 0
            var written = 0
            func put(_ bits: UInt32, _ shift: UInt32) {
                target[written] = digits[Int(bits >> shift & 0x3F)]
                written += 1
            }
            while read + 3 <= bytes.count {
                let bits = UInt32(bytes[read]) << 16 | UInt32(bytes[read + 1]) << 8 | UInt32(bytes[read + 2])
                put(bits, 18)
                put(bits, 12)
                put(bits, 6)
                put(bits, 0)
                read += 3
            }
            let rest = bytes.count - read
            if rest > 0 {
                let bits = UInt32(bytes[read]) << 16 | (rest == 2 ? UInt32(bytes[read + 1]) << 8 : 0)
                put(bits, 18)
                put(bits, 12)
                if rest == 2 { put(bits, 6) }
                while written < length {
                    target[written] = UInt8(ascii: "=")
                    written += 1
                }
            }
            return written
        }
    }
}
