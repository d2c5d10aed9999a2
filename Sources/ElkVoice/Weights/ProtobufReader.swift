/// A cursor over the fields of one protobuf message; every length is checked against the message before it is used.
struct ProtobufReader {
    enum Value {
        case number(UInt64)
        /// Where the bytes of a string, a message or packed numbers are.
        case bytes(Range<Int>)
    }

    private let bytes: UnsafeRawBufferPointer
    private var position: Int
    private let end: Int

    /// - Parameter range: the message, inside of `bytes`.
    init(_ bytes: UnsafeRawBufferPointer, range: Range<Int>) {
        self.bytes = bytes
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next field, nil at the end of the message.
    mutating func next() throws(ProtobufError) -> (field: Int, value: Value)? {
        guard position < end else { return nil }
        let tag = try variableLength()
        guard tag >> 3 != 0, let field = Int(exactly: tag >> 3) else { throw ProtobufError() }
        switch tag & 7 {
        case 0: return (field, .number(try variableLength()))
        case 1: return (field, .number(UInt64(littleEndian: try fixed())))
        case 2:
            guard let count = Int(exactly: try variableLength()), count <= end - position else { throw ProtobufError() }
            defer { position += count }
            return (field, .bytes(position..<position + count))
        case 5: return (field, .number(UInt64(UInt32(littleEndian: try fixed()))))
        default: throw ProtobufError()
        }
    }

    /// Numbers that follow each other without tags.
    static func numbers(
        _ bytes: UnsafeRawBufferPointer,
        range: Range<Int>,
        _ body: (UInt64) throws(ProtobufError) -> Void
    ) throws(ProtobufError) {
        var reader = ProtobufReader(bytes, range: range)
        while reader.position < reader.end { try body(try reader.variableLength()) }
    }

    private mutating func variableLength() throws(ProtobufError) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 64, by: 7) {
            guard position < end else { throw ProtobufError() }
            let byte = bytes[position]
            position += 1
            value |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 { return value }
        }
        throw ProtobufError()
    }

    private mutating func fixed<Number: FixedWidthInteger & BitwiseCopyable>() throws(ProtobufError) -> Number {
        guard MemoryLayout<Number>.size <= end - position else { throw ProtobufError() }
        defer { position += MemoryLayout<Number>.size }
        return bytes.loadUnaligned(fromByteOffset: position, as: Number.self)
    }
}

/// Bytes that are no message.
struct ProtobufError: Error {}
