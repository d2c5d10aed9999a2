/// Reads JSON from untrusted bytes in one pass, without building a tree.
///
/// The caller walks objects and arrays with closures; what a closure does not consume is skipped. Nesting is limited,
/// recursion happens only where the caller nests its own closures, and every error names the file and the position.
/// What is skipped is checked for balance only, and bytes inside strings are passed on as they are.
package struct JSONReader {
    static let maximumDepth = 64

    private let file: MappedFile
    private let end: Int
    private var position: Int

    /// - Parameter range: bytes of the file that hold the document; all of them by default.
    package init(_ file: MappedFile, range: Range<Int>? = nil) {
        let range = range ?? 0..<file.bytes.count
        self.file = file
        position = range.lowerBound
        end = range.upperBound
    }

    /// Visits the members of an object.
    ///
    /// Keys are UTF-8 with escapes resolved; a key may come twice.
    package mutating func members(
        _ body: (inout JSONReader, [UInt8]) throws(ModelError) -> Void
    ) throws(ModelError) {
        try expect(UInt8(ascii: "{"), "an object")
        if consume(UInt8(ascii: "}")) { return }
        repeat {
            let key = try string()
            try expect(UInt8(ascii: ":"), "a colon")
            try visit { reader throws(ModelError) in try body(&reader, key) }
        } while consume(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"), "the end of an object")
    }

    /// Visits the elements of an array.
    package mutating func elements(_ body: (inout JSONReader) throws(ModelError) -> Void) throws(ModelError) {
        try expect(UInt8(ascii: "["), "an array")
        if consume(UInt8(ascii: "]")) { return }
        repeat {
            try visit(body)
        } while consume(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"), "the end of an array")
    }

    /// A string as UTF-8, escapes resolved; an unpaired surrogate becomes U+FFFD.
    package mutating func string() throws(ModelError) -> [UInt8] {
        try expect(UInt8(ascii: "\""), "a string")
        var result: [UInt8] = []
        while position < end {
            let byte = file.bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""): return result
            case UInt8(ascii: "\\"): try escape(into: &result)
            case ..<0x20: throw fault("a control character in a string")
            default: result.append(byte)
            }
        }
        throw fault("a string without an end")
    }

    /// A whole number that fits `Int`.
    package mutating func integer() throws(ModelError) -> Int {
        skipSpace()
        let isNegative = consume(UInt8(ascii: "-"))
        var value = 0
        var digits = 0
        while position < end, case UInt8(ascii: "0")...UInt8(ascii: "9") = file.bytes[position] {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(Int(file.bytes[position] - UInt8(ascii: "0")))
            guard !overflow, !carry else { throw fault("a number that is too large") }
            value = sum
            digits += 1
            position += 1
        }
        guard digits > 0, !isAt(".eE") else { throw fault("something else where a whole number belongs") }
        return isNegative ? -value : value
    }

    /// A finite number.
    package mutating func decimal() throws(ModelError) -> Double {
        skipSpace()
        let start = position
        while isAt("+-.0123456789eE") { position += 1 }
        let text = String(decoding: file.bytes[start..<position], as: UTF8.self)
        guard let value = Double(text), value.isFinite else { throw fault("something else where a number belongs") }
        return value
    }

    /// An array of whole numbers.
    package mutating func integers() throws(ModelError) -> [Int] {
        var values: [Int] = []
        try elements { reader throws(ModelError) in values.append(try reader.integer()) }
        return values
    }

    /// Whether the next value is an object.
    package mutating func isAtObject() -> Bool {
        skipSpace()
        return isAt("{")
    }

    /// Whether the next value is an array.
    mutating func isAtArray() -> Bool {
        skipSpace()
        return isAt("[")
    }

    /// Whether the next value is a number.
    package mutating func isAtNumber() -> Bool {
        skipSpace()
        return isAt("-0123456789")
    }

    /// Passes over one value of any kind.
    package mutating func skip() throws(ModelError) {
        var depth = 0
        repeat {
            skipSpace()
            guard position < end else { throw fault("an early end") }
            switch file.bytes[position] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                position += 1
                depth += 1
                guard depth <= Self.maximumDepth else { throw fault("too deep a nesting") }
            case UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ","), UInt8(ascii: ":"):
                guard depth > 0 else { throw fault("a missing value") }
                if !isAt(",:") { depth -= 1 }
                position += 1
            case UInt8(ascii: "\""): try skipString()
            default: try skipWord()
            }
        } while depth > 0
    }

    /// Checks that nothing follows the document.
    package mutating func finish() throws(ModelError) {
        skipSpace()
        guard position == end else { throw fault("something after the end of the document") }
    }

    /// The error "PATH is not the JSON that a model has: text at byte N".
    package func fault(_ text: String) -> ModelError {
        file.fault("is not the JSON that a model has: \(text) at byte \(position)")
    }
}

extension JSONReader {
    private mutating func visit(_ body: (inout JSONReader) throws(ModelError) -> Void) throws(ModelError) {
        skipSpace()
        let start = position
        try body(&self)
        if position == start { try skip() }
    }

    private mutating func skipSpace() {
        while position < end {
            switch file.bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            default: return
            }
        }
    }

    private mutating func consume(_ byte: UInt8) -> Bool {
        skipSpace()
        guard position < end, file.bytes[position] == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: UInt8, _ what: String) throws(ModelError) {
        guard consume(byte) else { throw fault("something else where \(what) belongs") }
    }

    private func isAt(_ characters: StaticString) -> Bool {
        guard position < end else { return false }
        return characters.withUTF8Buffer { $0.contains(file.bytes[position]) }
    }

    private mutating func skipString() throws(ModelError) {
        position += 1
        while position < end {
            let byte = file.bytes[position]
            position += byte == UInt8(ascii: "\\") ? 2 : 1
            if byte == UInt8(ascii: "\"") { return }
        }
        position = end
        throw fault("a string without an end")
    }

    /// A number, `true`, `false` or `null`; which of them does not matter to a caller that skips it.
    private mutating func skipWord() throws(ModelError) {
        let start = position
        while position < end {
            switch file.bytes[position] {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "E"):
                position += 1
            default:
                guard position > start else { throw fault("a character that JSON does not have") }
                return
            }
        }
    }

    private mutating func escape(into result: inout [UInt8]) throws(ModelError) {
        guard position < end else { throw fault("a string without an end") }
        let byte = file.bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): result.append(byte)
        case UInt8(ascii: "b"): result.append(0x08)
        case UInt8(ascii: "f"): result.append(0x0C)
        case UInt8(ascii: "n"): result.append(0x0A)
        case UInt8(ascii: "r"): result.append(0x0D)
        case UInt8(ascii: "t"): result.append(0x09)
        case UInt8(ascii: "u"): result.append(contentsOf: String(try escapedScalar()).utf8)
        default: throw fault("an unknown escape")
        }
    }

    private mutating func escapedScalar() throws(ModelError) -> Unicode.Scalar {
        let first = try hexadecimal()
        if let scalar = Unicode.Scalar(first) { return scalar }
        let resume = position
        if first < 0xDC00, end - position >= 6, isAt("\\"), file.bytes[position + 1] == UInt8(ascii: "u") {
            position += 2
            let second = try hexadecimal()
            let value = 0x10000 + (first - 0xD800) << 10 + (second & 0x3FF)
            if 0xDC00...0xDFFF ~= second, let scalar = Unicode.Scalar(value) { return scalar }
            position = resume
        }
        return "\u{FFFD}"
    }

    private mutating func hexadecimal() throws(ModelError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard position < end else { throw fault("a string without an end") }
            let byte = file.bytes[position]
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = value << 4 | UInt32(byte - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): value = value << 4 | UInt32(byte - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): value = value << 4 | UInt32(byte - UInt8(ascii: "A") + 10)
            default: throw fault("an unknown escape")
            }
            position += 1
        }
        return value
    }
}
