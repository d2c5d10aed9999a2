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

    /// The text of a string, decoded; nil when the value is none.
    ///
    /// A lone surrogate becomes U+FFFD.
    package var string: String? {
        guard let content = stringContent else { return nil }
        return document.withReadableBase { base in
            let raw = UnsafeRawBufferPointer(start: base + content.lowerBound, count: content.count)
            guard JSONText.hasEscape(raw) else { return String(decoding: raw, as: UTF8.self) }
            return String(unsafeUninitializedCapacity: raw.count) { target in
                JSONText.decode(raw, into: UnsafeMutableRawBufferPointer(target))
            }
        }
    }

    /// The decoded text as UTF-8; nil when the value is no string.
    ///
    /// Shares the document's memory when nothing is escaped.
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

    /// Whether the value is a string that stands for `text`.
    package func isString(_ text: String) -> Bool {
        document.withReadableBase { base in
            let quote = base.load(fromByteOffset: Int(start), as: UInt8.self)
            return quote == UInt8(ascii: "\"") && JSONText.equals(base, Int(start), Int(end), text)
        }
    }

    /// The text of a number, exactly as written; nil when the value is none.
    package var numberText: String? {
        guard kind == .number else { return nil }
        return document.withReadableBase { base in
            String(decoding: UnsafeRawBufferPointer(start: base + Int(start), count: Int(end - start)), as: UTF8.self)
        }
    }

    /// A whole number that fits; nil for anything else.
    ///
    /// `5.0` and `1e3` are whole too, as long as a double holds them exactly.
    package var int: Int? {
        guard kind == .number else { return nil }
        let (value, isPlain): (Int?, Bool) = document.withReadableBase { base in
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
        guard kind == .number else { return nil }
        return document.withReadableBase { JSONNumber.double($0, Int(start), Int(end)) }
    }

    /// Between the quotes.
    private var stringContent: Range<Int>? {
        guard document.byte(at: Int(start)) == UInt8(ascii: "\"") else { return nil }
        return Int(start) + 1..<Int(end) - 1
    }
}
