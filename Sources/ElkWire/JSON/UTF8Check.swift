package import NIOCore

/// Tells UTF-8 from other bytes (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF).
package enum UTF8Check {
    package static func isValid(_ text: ByteBuffer) -> Bool {
        text.withUnsafeReadableBytes { isValid($0) }
    }

    static func isValid(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return true }
        var at = 0
        while at < bytes.count {
            if at + 8 <= bytes.count, ByteWords.load(base, at) & ByteWords.tops == 0 {
                at += 8
            } else if bytes[at] < 0x80 {
                at += 1
            } else {
                guard let length = scalarLength(base, at: at, count: bytes.count) else { return false }
                at += length
            }
        }
        return true
    }

    /// The length of the multi-byte scalar that begins at `start`; nil when there is none.
    static func scalarLength(_ base: UnsafeRawPointer, at start: Int, count: Int) -> Int? {
        func byte(_ offset: Int) -> UInt8 { base.load(fromByteOffset: start + offset, as: UInt8.self) }
        let lead = byte(0)
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch lead {
        case 0xC2...0xDF: length = 2
        case 0xE0...0xEF:
            length = 3
            if lead == 0xE0 { second = 0xA0...0xBF }
            if lead == 0xED { second = 0x80...0x9F }
        case 0xF0...0xF4:
            length = 4
            if lead == 0xF0 { second = 0x90...0xBF }
            if lead == 0xF4 { second = 0x80...0x8F }
        default: return nil
        }
        guard start + length <= count, second.contains(byte(1)) else { return nil }
        var at = 2
        while at < length {
            guard byte(at) & 0xC0 == 0x80 else { return nil }
            at += 1
        }
        return length
    }
}
