/// Undoes the escapes of JSON strings that have been validated.
enum JSONText {
    static func hasEscape(_ bytes: UnsafeRawBufferPointer) -> Bool {
        guard let base = bytes.baseAddress else { return false }
        var at = 0
        while at + 8 <= bytes.count {
            if ByteWords.either(ByteWords.load(base, at), 0x5C, 0x5C) != 0 { return true }
            at += 8
        }
        while at < bytes.count {
            if bytes[at] == UInt8(ascii: "\\") { return true }
            at += 1
        }
        return false
    }

    /// Whether the string from `start` to `end`, quotes included, stands for `text`.
    static func equals(_ base: UnsafeRawPointer, _ start: Int, _ end: Int, _ text: String) -> Bool {
        let same: Bool? = text.utf8.withContiguousStorageIfAvailable { bytes in
            equals(base, start, end, UnsafeRawBufferPointer(bytes))
        }
        if let same { return same }
        var copy = text
        return copy.withUTF8 { equals(base, start, end, UnsafeRawBufferPointer($0)) }
    }

    static func equals(_ base: UnsafeRawPointer, _ start: Int, _ end: Int, _ text: UnsafeRawBufferPointer) -> Bool {
        let length = end - start - 2
        // An escape is longer than what it stands for.
        guard length >= text.count else { return false }
        let own = UnsafeRawBufferPointer(start: base + start + 1, count: length)
        guard hasEscape(own) else { return length == text.count && own.elementsEqual(text) }
        return withUnsafeTemporaryAllocation(byteCount: length, alignment: 1) { target in
            let count = decode(own, into: target)
            return count == text.count && UnsafeRawBufferPointer(rebasing: target[..<count]).elementsEqual(text)
        }
    }

    /// Writes what `text` stands for, which is never longer; returns the length.
    static func decode(_ text: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Int {
        var read = 0
        var written = 0
        while read < text.count {
            let byte = text[read]
            guard byte == UInt8(ascii: "\\"), read + 1 < text.count else {
                target[written] = byte
                read += 1
                written += 1
                continue
            }
            switch text[read + 1] {
            case UInt8(ascii: "u"):
                let (scalar, length) = scalar(text, at: read)
                written += write(scalar, into: target, at: written)
                read += length
                continue
            case UInt8(ascii: "b"): target[written] = 0x08
            case UInt8(ascii: "f"): target[written] = 0x0C
            case UInt8(ascii: "n"): target[written] = 0x0A
            case UInt8(ascii: "r"): target[written] = 0x0D
            case UInt8(ascii: "t"): target[written] = 0x09
            case let other: target[written] = other
            }
            read += 2
            written += 1
        }
        return written
    }

    /// The scalar of one `\u` escape, or of two that are a surrogate pair, and how long it was.
    private static func scalar(_ text: UnsafeRawBufferPointer, at start: Int) -> (UInt32, Int) {
        guard let first = unit(text, at: start) else { return (0xFFFD, min(6, text.count - start)) }
        switch first {
        case 0xD800...0xDBFF:
            guard let second = unit(text, at: start + 6), (0xDC00...0xDFFF).contains(second) else { return (0xFFFD, 6) }
            return (0x10000 + (first - 0xD800) << 10 + (second - 0xDC00), 12)
        case 0xDC00...0xDFFF: return (0xFFFD, 6)
        default: return (first, 6)
        }
    }

    /// The number of a `\u` escape at `start`; nil when there is none.
    private static func unit(_ text: UnsafeRawBufferPointer, at start: Int) -> UInt32? {
        guard start + 6 <= text.count, text[start] == UInt8(ascii: "\\"), text[start + 1] == UInt8(ascii: "u") else {
            return nil
        }
        var value: UInt32 = 0
        for at in (start + 2)..<(start + 6) {
            guard let digit = hexDigitValue(text[at]) else { return nil }
            value = value << 4 | digit
        }
        return value
    }

    /// Writes UTF-8: at most three bytes for an escape of six, four for a pair of twelve.
    private static func write(_ scalar: UInt32, into target: UnsafeMutableRawBufferPointer, at offset: Int) -> Int {
        func tail(_ shift: UInt32) -> UInt8 { UInt8(0x80 | (scalar >> shift & 0x3F)) }
        switch scalar {
        case 0..<0x80:
            target[offset] = UInt8(scalar)
            return 1
        case 0x80..<0x800:
            target[offset] = UInt8(0xC0 | scalar >> 6)
            target[offset + 1] = tail(0)
            return 2
        case 0x800..<0x10000:
            target[offset] = UInt8(0xE0 | scalar >> 12)
            target[offset + 1] = tail(6)
            target[offset + 2] = tail(0)
            return 3
        default:
            target[offset] = UInt8(0xF0 | scalar >> 18)
            target[offset + 1] = tail(12)
            target[offset + 2] = tail(6)
            target[offset + 3] = tail(0)
            return 4
        }
    }
}
