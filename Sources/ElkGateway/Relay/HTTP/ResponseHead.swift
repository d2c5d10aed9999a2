import NIOCore

/// Status and header fields of an upstream's answer: ranges of the bytes it came in, read on demand.
///
/// All of it is foreign. Values hold neither CR nor LF nor NUL (the parser refused them); everything else may be in them.
package struct ResponseHead: Sendable {
    struct Field: Sendable {
        var name: Range<Int>
        var value: Range<Int>
    }

    package var status: Int
    /// The whole head; ranges count from its reader index.
    private var bytes: ByteBuffer
    private var fields: [Field]

    init(status: Int, bytes: ByteBuffer, fields: [Field]) {
        (self.status, self.bytes, self.fields) = (status, bytes, fields)
    }

    /// The first value of the header, without the white space around it.
    ///
    /// `name` is lower-case.
    package subscript(_ name: StaticString) -> String? {
        bytes.withUnsafeReadableBytes { head in
            for field in fields where Self.matches(head, field.name, name) {
                return String(decoding: head[field.value], as: UTF8.self)
            }
            return nil
        }
    }

    /// All values of the header, in order.
    func values(_ name: StaticString) -> [String] {
        bytes.withUnsafeReadableBytes { head in
            fields.filter { Self.matches(head, $0.name, name) }.map { String(decoding: head[$0.value], as: UTF8.self) }
        }
    }

    /// Every field, names in lower case, in order.
    package var all: [(name: String, value: String)] {
        bytes.withUnsafeReadableBytes { head in
            fields.map { field in
                (
                    String(
                        decoding: head[field.name].lazy.map { (0x41...0x5A).contains($0) ? $0 | 0x20 : $0 },
                        as: UTF8.self
                    ),
                    String(decoding: head[field.value], as: UTF8.self)
                )
            }
        }
    }

    private static func matches(_ head: UnsafeRawBufferPointer, _ range: Range<Int>, _ name: StaticString) -> Bool {
        guard range.count == name.utf8CodeUnitCount else { return false }
        for index in 0..<range.count {
            var byte = head[range.lowerBound + index]
            if (0x41...0x5A).contains(byte) { byte |= 0x20 }
            if byte != name.utf8Start[index] { return false }
        }
        return true
    }
}
