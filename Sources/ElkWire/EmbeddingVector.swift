package import NIOCore

/// An embedding: numbers as a JSON array, or the same as base64 of little-endian 32-bit floats, as OpenAI's clients ask
/// for it.
package struct EmbeddingVector: Sendable, Hashable {
    package var values: [Float]

    package init(_ values: [Float]) {
        self.values = values
    }

    /// Reads either form; nil when the value is neither.
    package init?(_ value: JSONSlice) {
        switch value.kind {
        case .array:
            guard let values = Self.read(value) else { return nil }
            self.values = values
        case .string:
            guard let text = value.stringBytes, let bytes = Base64.decode(text), bytes.readableBytes % 4 == 0 else {
                return nil
            }
            values = bytes.withUnsafeReadableBytes { raw in
                stride(from: 0, to: raw.count, by: 4).map { offset in
                    let bits = raw.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
                    return Float(bitPattern: UInt32(littleEndian: bits))
                }
            }
        default: return nil
        }
    }

    private static func read(_ array: JSONSlice) -> [Float]? {
        array.document.withReadableBase { base in
            var values: [Float] = []
            var cursor = JSONCursor(base, from: Int(array.start) + 1, to: Int(array.end) - 1)
            while let element = cursor.nextElement() {
                let first = base.load(fromByteOffset: Int(element.lowerBound), as: UInt8.self)
                guard first == UInt8(ascii: "-") || first &- UInt8(ascii: "0") < 10 else { return nil }
                let number = JSONNumber.double(base, Int(element.lowerBound), Int(element.upperBound))
                guard let number, Float(number).isFinite else { return nil }
                values.append(Float(number))
            }
            return values
        }
    }

    package func writeArray(into writer: inout JSONWriter) {
        writer.array { list in
            for value in values { list.value(value) }
        }
    }

    package func writeBase64(into writer: inout JSONWriter) {
        let bytes = values.map { $0.bitPattern.littleEndian }
        bytes.withUnsafeBytes { writer.value(base64: $0) }
    }
}

extension JSONWriter {
    /// A string that holds bytes in base64.
    package mutating func value(base64 bytes: ByteBuffer) {
        bytes.withUnsafeReadableBytes { value(base64: $0) }
    }
}
