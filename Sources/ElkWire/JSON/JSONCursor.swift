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

    /// The next member of an object, from behind its brace or the member before; nil when there is none.
    mutating func nextMember() -> JSONMemberRange? {
        guard skipComma() else { return nil }
        let key = offset
        skipString()
        let keyEnd = offset
        skipSpace()
        offset += 1
        skipSpace()
        let value = offset
        skipValue()
        return JSONMemberRange(
            key: Int32(key),
            keyEnd: Int32(keyEnd),
            value: Int32(value),
            valueEnd: Int32(offset)
        )
    }

    /// The next element of an array, from behind its bracket or the element before; nil when there is none.
    mutating func nextElement() -> Range<Int32>? {
        guard skipComma() else { return nil }
        let start = offset
        skipValue()
        return Int32(start)..<Int32(offset)
    }

    /// To the start of the next member or element; false when there is none.
    private mutating func skipComma() -> Bool {
        skipSpace()
        if byte == UInt8(ascii: ",") {
            offset += 1
            skipSpace()
        }
        return offset < end
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
        let found: JSONMemberRange? = document.withReadableBase { [position, end] base in
            var cursor = JSONCursor(base, from: position, to: end)
            return cursor.nextMember()
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
        let found: Range<Int32>? = document.withReadableBase { [position, end] base in
            var cursor = JSONCursor(base, from: position, to: end)
            return cursor.nextElement()
        }
        guard let found else {
            position = end
            return nil
        }
        position = Int(found.upperBound)
        return JSONSlice(document, from: found.lowerBound, to: found.upperBound)
    }
}

extension ByteBuffer {
    /// The first readable byte, for buffers that are not empty.
    @inline(__always)
    func withReadableBase<Value>(_ body: (UnsafeRawPointer) -> Value) -> Value {
        withUnsafeReadableBytes { bytes in
            guard let base = bytes.baseAddress else { preconditionFailure("a document is never empty") }
            return body(base)
        }
    }

    /// The byte at an offset from the reader index; 0 beyond the end.
    @inline(__always)
    func byte(at offset: Int) -> UInt8 {
        getInteger(at: readerIndex + offset, as: UInt8.self) ?? 0
    }
}
