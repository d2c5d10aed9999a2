package import NIOCore

package enum JSONKind: Sendable, Hashable {
    case object, array, string, number, bool, null
}

/// A value inside a validated document: a range of its bytes.
///
/// Copies are cheap, nothing is decoded before it is asked for, and nested access scans the document on demand. Members
/// of the root of a large document are found by an index that the validation leaves behind.
package struct JSONSlice: Sendable {
    /// The whole document; offsets count from its reader index.
    let document: ByteBuffer
    let start: Int32
    let end: Int32
    /// Members of the document's root, when they are indexed and this is the root.
    private let index: JSONRootIndex?

    /// Validates the whole document and returns its root.
    ///
    /// RFC 8259 without extensions: one value, valid UTF-8, no byte order mark. Escaped lone surrogates pass; they are
    /// read as U+FFFD. Nesting is limited to `maxDepth` levels, 128 at most.
    package init(validating bytes: ByteBuffer, maxDepth: Int = 128) throws(JSONError) {
        guard bytes.readableBytes > 0 else { throw JSONError(.empty, at: 0) }
        guard bytes.readableBytes < Int(Int32.max) else { throw JSONError(.tooLarge, at: 0) }
        // `withUnsafeReadableBytes` would erase the type of the error.
        let (result, members) = bytes.withReadableBase { base in
            var scanner = JSONScanner(base, count: bytes.readableBytes, maxDepth: maxDepth)
            let result = Result { () throws(JSONError) in try scanner.scan() }
            return (result, scanner.members)
        }
        let range = try result.get()
        document = bytes
        start = Int32(range.lowerBound)
        end = Int32(range.upperBound)
        index = members.isEmpty ? nil : JSONRootIndex(members: members)
    }

    init(_ document: ByteBuffer, from start: Int32, to end: Int32) {
        self.document = document
        self.start = start
        self.end = end
        index = nil
    }

    package var kind: JSONKind {
        switch document.byte(at: Int(start)) {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .bool
        case UInt8(ascii: "n"): .null
        default: .number
        }
    }

    /// Where the value lies in the readable bytes of the document.
    package var range: Range<Int> { Int(start)..<Int(end) }

    /// Exactly this value's text, without the white space around it.
    ///
    /// Shares the document's memory, as long as the value begins in its first 16 MiB.
    package var bytes: ByteBuffer {
        document.getSlice(at: document.readerIndex + Int(start), length: Int(end - start)) ?? ByteBuffer()
    }

    /// The member called `key`; of several, the last.
    ///
    /// Nil when there is none or the value is no object.
    package subscript(_ key: String) -> JSONSlice? {
        let found: Range<Int32>? = document.withReadableBase { base in
            let found: Range<Int32>?? = key.utf8.withContiguousStorageIfAvailable { bytes in
                find(UnsafeRawBufferPointer(bytes), base)
            }
            if let found { return found }
            var copy = key
            return copy.withUTF8 { find(UnsafeRawBufferPointer($0), base) }
        }
        return found.map { JSONSlice(document, from: $0.lowerBound, to: $0.upperBound) }
    }

    private func find(_ key: UnsafeRawBufferPointer, _ base: UnsafeRawPointer) -> Range<Int32>? {
        if let index {
            for member in index.members.reversed()
            where JSONText.equals(base, Int(member.key), Int(member.keyEnd), key) {
                return member.value..<member.valueEnd
            }
            return nil
        }
        guard base.load(fromByteOffset: Int(start), as: UInt8.self) == UInt8(ascii: "{") else { return nil }
        var cursor = JSONCursor(base, from: Int(start) + 1, to: Int(end) - 1)
        var found: Range<Int32>?
        while let member = cursor.nextMember() {
            if JSONText.equals(base, Int(member.key), Int(member.keyEnd), key) {
                found = member.value..<member.valueEnd
            }
        }
        return found
    }

    /// The value at the end of a path of keys.
    package subscript(_ first: String, _ rest: String...) -> JSONSlice? {
        var value = self[first]
        for key in rest { value = value?[key] }
        return value
    }

    /// The element at `position`; nil beyond the end, or when the value is no array.
    ///
    /// Walks the elements before it.
    package subscript(_ position: Int) -> JSONSlice? {
        guard position >= 0 else { return nil }
        for (index, element) in elements.enumerated() where index == position { return element }
        return nil
    }

    /// Members in order, duplicates included; empty when the value is no object.
    package var members: JSONMembers { JSONMembers(of: self, index: index) }

    /// Elements in order; empty when the value is no array.
    package var elements: JSONElements { JSONElements(of: self) }

    package func hasDuplicate(_ key: String) -> Bool {
        var count = 0
        for (name, _) in members where name == key { count += 1 }
        return count > 1
    }

    /// A key that appears twice among the members, however it is escaped; nil when there is none.
    package var firstDuplicate: String? {
        var seen: Set<String> = []
        for (name, _) in members {
            let text = name.string
            if !seen.insert(text).inserted { return text }
        }
        return nil
    }
}

/// Root members of one document, shared by the copies of its root.
final class JSONRootIndex: Sendable {
    let members: [JSONMemberRange]

    init(members: [JSONMemberRange]) {
        self.members = members
    }
}

/// The key of a member.
package struct JSONKey: Sendable {
    let slice: JSONSlice

    /// Decoded.
    package var string: String { slice.string ?? "" }

    /// Where the key lies in the document, with its quotes.
    package var range: Range<Int> { slice.range }

    /// Compares what the key stands for: `"mod\u0065l"` is `model`.
    package static func == (key: JSONKey, text: String) -> Bool { key.slice.isString(text) }
    package static func != (key: JSONKey, text: String) -> Bool { !key.slice.isString(text) }
    package static func ~= (text: String, key: JSONKey) -> Bool { key.slice.isString(text) }
}
