import NIOCore

/// Walks text that has been validated, so it checks nothing; every read is bounded by `end` all the same.
struct JSONCursor {
    let base: UnsafeRawPointer
    let end: Int
    var offset: Int

    init(_ base: UnsafeRawPointer, from offset: Int, to end: Int) {
        self.base = base
        self.end = end
        self.offset = offset
    }

    @inline(__always)
    var byte: UInt8 { offset < end ? base.load(fromByteOffset: offset, as: UInt8.self) : 0 }

    @inline(__always)
    mutating func skipSpace() {
        guard byte <= 0x20 else { return }
        while offset + 8 <= end, ByteWords.load(base, offset) == ByteWords.ones &* 0x20 { offset += 8 }
        while offset < end, byte <= 0x20 { offset += 1 }
    }

    /// Over a string that begins here.
    mutating func skipString() {
        offset += 1
        while offset < end {
            if offset + 8 <= end {
                let found = ByteWords.either(ByteWords.load(base, offset), 0x22, 0x5C)
                guard found != 0 else {
                    offset += 8
                    continue
                }
                offset += ByteWords.index(found)
            }
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return
            case UInt8(ascii: "\\"): offset += 2
            default: offset += 1
            }
        }
        offset = end
    }

    /// Over a value that begins here, whatever is nested in it.
    mutating func skipValue() {
        switch byte {
        case UInt8(ascii: "\""): skipString()
        case UInt8(ascii: "{"), UInt8(ascii: "["): skipContainer()
        default:
            while offset < end {
                switch byte {
                case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), 0...0x20: return
                default: offset += 1
                }
            }
        }
    }

    private mutating func skipContainer() {
        var depth = 0
        while offset < end {
            switch byte {
            case UInt8(ascii: "\""):
                skipString()
                continue
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth == 0 {
                    offset += 1
                    return
                }
            default: break
            }
            offset += 1
        }
    }
}

/// The members of an object, in order.
package struct JSONMembers: Sequence, IteratorProtocol, Sendable {
    private let document: ByteBuffer
    private let index: JSONRootIndex?
    private var position: Int
    private let end: Int

    init(of slice: JSONSlice, index: JSONRootIndex?) {
        document = slice.document
        self.index = index
        let isObject = slice.kind == .object
        position = index != nil ? 0 : Int(slice.start) + 1
        end = isObject ? Int(slice.end) - 1 : 0
    }

    package mutating func next() -> (key: JSONKey, value: JSONSlice)? {
        guard position < end else { return nil }
        if let index {
            guard position < index.members.count else { return nil }
            let member = index.members[position]
            position += 1
            return pair(member)
        }
        let found: JSONMemberRange? = document.withReadableBase { [position, end] base, _ in
            var cursor = JSONCursor(base, from: position, to: end)
            cursor.skipSpace()
            if cursor.byte == UInt8(ascii: ",") {
                cursor.offset += 1
                cursor.skipSpace()
            }
            guard cursor.offset < end else { return nil }
            let key = cursor.offset
            cursor.skipString()
            let keyEnd = cursor.offset
            cursor.skipSpace()
            cursor.offset += 1
            cursor.skipSpace()
            let value = cursor.offset
            cursor.skipValue()
            return JSONMemberRange(
                key: Int32(key),
                keyEnd: Int32(keyEnd),
                value: Int32(value),
                valueEnd: Int32(cursor.offset)
            )
        }
        guard let found else {
            position = end
            return nil
        }
        position = Int(found.valueEnd)
        return pair(found)
    }

    private func pair(_ member: JSONMemberRange) -> (key: JSONKey, value: JSONSlice) {
        (
            JSONKey(slice: JSONSlice(document, from: member.key, to: member.keyEnd)),
            JSONSlice(document, from: member.value, to: member.valueEnd)
        )
    }
}

/// The elements of an array, in order.
package struct JSONElements: Sequence, IteratorProtocol, Sendable {
    private let document: ByteBuffer
    private var position: Int
    private let end: Int

    init(of slice: JSONSlice) {
        document = slice.document
        position = Int(slice.start) + 1
        end = slice.kind == .array ? Int(slice.end) - 1 : 0
    }

    package mutating func next() -> JSONSlice? {
        guard position < end else { return nil }
        let found: (start: Int, end: Int)? = document.withReadableBase { [position, end] base, _ in
            var cursor = JSONCursor(base, from: position, to: end)
            cursor.skipSpace()
            if cursor.byte == UInt8(ascii: ",") {
                cursor.offset += 1
                cursor.skipSpace()
            }
            guard cursor.offset < end else { return nil }
            let start = cursor.offset
            cursor.skipValue()
            return (start, cursor.offset)
        }
        guard let found else {
            position = end
            return nil
        }
        position = found.end
        return JSONSlice(document, from: Int32(found.start), to: Int32(found.end))
    }
}

extension ByteBuffer {
    /// The readable bytes with a base that exists even when there are none.
    func withReadableBase<Value, Failed: Error>(
        _ body: (UnsafeRawPointer, UnsafeRawBufferPointer) throws(Failed) -> Value
    ) throws(Failed) -> Value {
        // `withUnsafeReadableBytes` erases the type of the error.
        let result: Result<Value, Failed> = withUnsafeReadableBytes { bytes in
            withUnsafePointer(to: 0 as UInt8) { none in
                do throws(Failed) {
                    return .success(try body(bytes.baseAddress ?? UnsafeRawPointer(none), bytes))
                } catch {
                    return .failure(error)
                }
            }
        }
        return try result.get()
    }

    /// The byte at an offset from the reader index; 0 beyond the end.
    func byte(at offset: Int) -> UInt8 {
        getInteger(at: readerIndex + offset, as: UInt8.self) ?? 0
    }
}
