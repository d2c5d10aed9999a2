package import NIOCore

extension JSONSlice {
    package var isNull: Bool { kind == .null }

    package var bool: Bool? {
        switch document.byte(at: Int(start)) {
        case UInt8(ascii: "t"): true
        case UInt8(ascii: "f"): false
        default: nil
        }
    }

    /// The text of a string, decoded; nil when the value is none. A lone surrogate becomes U+FFFD.
    package var string: String? {
        guard let content = stringContent else { return nil }
        return document.withReadableBase { base, _ in
            let raw = UnsafeRawBufferPointer(start: base + content.lowerBound, count: content.count)
            guard JSONText.hasEscape(raw) else { return String(decoding: raw, as: UTF8.self) }
            return String(unsafeUninitializedCapacity: raw.count) { target in
                JSONText.decode(raw, into: UnsafeMutableRawBufferPointer(target))
            }
        }
    }

    /// The decoded text as UTF-8; nil when the value is no string. Shares the document's memory when nothing is escaped.
    package var stringBytes: ByteBuffer? {
        guard let content = stringContent else { return nil }
        let plain = document.getSlice(at: document.readerIndex + content.lowerBound, length: content.count)
        guard let plain, plain.withUnsafeReadableBytes(JSONText.hasEscape) else { return plain }
        var decoded = ByteBuffer()
        decoded.writeWithUnsafeMutableBytes(minimumWritableBytes: plain.readableBytes) { target in
            plain.withUnsafeReadableBytes { JSONText.decode($0, into: target) }
        }
        return decoded
    }

    /// What stands between the quotes, escapes and all; nil when the value is no string.
    package var escapedText: ByteBuffer? {
        guard let content = stringContent else { return nil }
        return document.getSlice(at: document.readerIndex + content.lowerBound, length: content.count)
    }

    /// Whether the value is a string that stands for `text`; allocates nothing unless something is escaped.
    package func isString(_ text: String) -> Bool {
        guard let content = stringContent, content.count >= text.utf8.count else { return false }
        if content.count > text.utf8.count {
            // Longer than the text: equal only when something is escaped.
            let escapes = document.withReadableBase { base, _ in
                JSONText.hasEscape(UnsafeRawBufferPointer(start: base + content.lowerBound, count: content.count))
            }
            return escapes && string == text
        }
        return document.withReadableBase { base, _ in
            var offset = content.lowerBound
            for byte in text.utf8 {
                let own = base.load(fromByteOffset: offset, as: UInt8.self)
                // An escape is longer than what it stands for, so at equal length there is none.
                guard own == byte, own != UInt8(ascii: "\\") else { return false }
                offset += 1
            }
            return true
        }
    }

    /// The text of a number, exactly as written; nil when the value is none.
    package var numberText: String? {
        guard kind == .number else { return nil }
        return document.withReadableBase { base, _ in
            String(decoding: UnsafeRawBufferPointer(start: base + Int(start), count: Int(end - start)), as: UTF8.self)
        }
    }

    /// A whole number that fits; nil for anything else.
    ///
    /// `5.0` and `1e3` are whole too, as long as a double holds them exactly.
    package var int: Int? {
        guard kind == .number else { return nil }
        let (value, isPlain): (Int?, Bool) = document.withReadableBase { base, _ in
            var offset = Int(start)
            let isNegative = base.load(fromByteOffset: offset, as: UInt8.self) == UInt8(ascii: "-")
            if isNegative { offset += 1 }
            var value = 0
            while offset < Int(end) {
                let digit = base.load(fromByteOffset: offset, as: UInt8.self) &- UInt8(ascii: "0")
                guard digit < 10 else { return (nil, false) }
                let (product, overflows) = value.multipliedReportingOverflow(by: 10)
                // Downwards when negative, so that the least Int is read too.
                let (sum, overflowsToo) =
                    isNegative
                    ? product.subtractingReportingOverflow(Int(digit)) : product.addingReportingOverflow(Int(digit))
                guard !overflows, !overflowsToo else { return (nil, true) }
                value = sum
                offset += 1
            }
            return (value, true)
        }
        if isPlain { return value }
        guard let double, double.magnitude <= 9_007_199_254_740_992 else { return nil }
        return Int(exactly: double)
    }

    /// A number as a double; nil for anything else, and when it is out of a double's range.
    package var double: Double? {
        guard let numberText, let value = Double(numberText), value.isFinite else { return nil }
        return value
    }

    /// Between the quotes.
    private var stringContent: Range<Int>? {
        guard document.byte(at: Int(start)) == UInt8(ascii: "\"") else { return nil }
        return Int(start) + 1..<Int(end) - 1
    }
}

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

    /// The number of a `\uXXXX` at `start`; nil when there is none.
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
