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
        guard kind == .number else { return nil }
        if let fast = shortDouble { return fast }
        guard let numberText, let value = Double(numberText), value.isFinite else { return nil }
        return value
    }

    /// The value of a number whose digits and power of ten a double holds exactly, so that one operation rounds right.
    private var shortDouble: Double? {
        document.withReadableBase { base, _ in
            var offset = Int(start)
            func digit() -> UInt64? {
                guard offset < Int(end) else { return nil }
                let digit = base.load(fromByteOffset: offset, as: UInt8.self) &- UInt8(ascii: "0")
                return digit < 10 ? UInt64(digit) : nil
            }
            func skip(_ byte: UInt8) -> Bool {
                guard offset < Int(end), base.load(fromByteOffset: offset, as: UInt8.self) == byte else { return false }
                offset += 1
                return true
            }
            // So few that they cannot overflow, whatever they are.
            guard Int(end) - offset <= 19 else { return nil }
            let isNegative = skip(UInt8(ascii: "-"))
            var digits: UInt64 = 0
            while let digit = digit() {
                digits = digits * 10 + digit
                offset += 1
            }
            var power = 0
            if skip(UInt8(ascii: ".")) {
                while let digit = digit() {
                    digits = digits * 10 + digit
                    offset += 1
                    power -= 1
                }
            }
            if skip(UInt8(ascii: "e")) || skip(UInt8(ascii: "E")) {
                let isDown = skip(UInt8(ascii: "-"))
                if !isDown { _ = skip(UInt8(ascii: "+")) }
                var exponent = 0
                while let digit = digit(), exponent < 1000 {
                    exponent = exponent * 10 + Int(digit)
                    offset += 1
                }
                power += isDown ? -exponent : exponent
            }
            guard digits <= 1 << 53, power.magnitude <= 22 else { return nil }
            let scale = Self.powersOfTen[Int(power.magnitude)]
            let value = power < 0 ? Double(digits) / scale : Double(digits) * scale
            return isNegative ? -value : value
        }
    }

    /// All that a double holds exactly.
    private static let powersOfTen: [Double] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19,
        1e20,
        1e21, 1e22,
    ]

    /// Between the quotes.
    private var stringContent: Range<Int>? {
        guard document.byte(at: Int(start)) == UInt8(ascii: "\"") else { return nil }
        return Int(start) + 1..<Int(end) - 1
    }
}
