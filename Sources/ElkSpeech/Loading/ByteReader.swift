/// A cursor over the little-endian fields of a file; every step past the end is an error that names the file.
struct ByteReader {
    let file: MappedFile
    private(set) var offset = 0

    init(_ file: MappedFile) {
        self.file = file
    }

    var isAtEnd: Bool { offset == file.bytes.count }
    var remaining: Int { file.bytes.count - offset }

    /// Skips `count` bytes and returns where they were.
    mutating func take(_ count: Int, of what: @autoclosure () -> String) throws(ModelError) -> Range<Int> {
        guard count >= 0, count <= remaining else {
            throw file.fault("is cut short or damaged: \(what()) needs \(count) bytes, \(remaining) are left")
        }
        defer { offset += count }
        return offset..<offset + count
    }

    mutating func integer<Value: FixedWidthInteger>(
        _: Value.Type,
        _ what: @autoclosure () -> String
    ) throws(ModelError) -> Value {
        let range = try take(MemoryLayout<Value>.size, of: what())
        var value: Value = 0
        var index = range.upperBound
        while index > range.lowerBound {
            index -= 1
            value = (value << 8) | Value(truncatingIfNeeded: file.bytes[index])
        }
        return value
    }

    /// A 32-bit count or size.
    mutating func count(_ what: @autoclosure () -> String) throws(ModelError) -> Int {
        Int(try integer(UInt32.self, what()))
    }

    /// Text of `count` bytes; bytes that are not UTF-8 become U+FFFD.
    mutating func text(_ count: Int, _ what: @autoclosure () -> String) throws(ModelError) -> String {
        let range = try take(count, of: what())
        return String(decoding: file.bytes[range], as: UTF8.self)
    }
}
