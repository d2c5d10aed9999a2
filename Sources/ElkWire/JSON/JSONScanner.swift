/// Where a member of the root object lies, as offsets into the document.
struct JSONMemberRange {
    /// Of the quote before the key.
    var key: Int32
    /// After the quote behind the key.
    var keyEnd: Int32
    var value: Int32
    var valueEnd: Int32
}

/// Validates a whole document in one pass without recursion (RFC 8259), and finds its value and root members.
struct JSONScanner {
    private let base: UnsafeRawPointer
    private let count: Int
    private let maxDepth: Int
    private var offset = 0
    /// One bit a level, the innermost lowest: set in an object, clear in an array.
    private var levels: UInt128 = 0
    private var depth = 0
    private var recordsMembers: Bool
    private(set) var members: [JSONMemberRange] = []

    /// The deepest nesting that `levels` can hold.
    static let deepest = 128
    /// Documents shorter than this are scanned again faster than they are indexed.
    private static let indexedFrom = 1024

    init(_ base: UnsafeRawPointer, count: Int, maxDepth: Int) {
        self.base = base
        self.count = count
        self.maxDepth = min(maxDepth, Self.deepest)
        recordsMembers = count >= Self.indexedFrom
    }

    /// The range of the one value, without the white space around it.
    mutating func scan() throws(JSONError) -> Range<Int> {
        if count >= 3, byte(0) == 0xEF, byte(1) == 0xBB, byte(2) == 0xBF { throw JSONError(.byteOrderMark, at: 0) }
        skipSpace()
        guard offset < count else { throw JSONError(.empty, at: offset) }
        let start = offset
        try scanValue()
        let end = offset
        skipSpace()
        guard offset == count else { throw JSONError(.trailingBytes, at: offset) }
        return start..<end
    }

    /// A value, with all that is nested in it.
    private mutating func scanValue() throws(JSONError) {
        while true {
            // At the start of a value, white space skipped.
            guard offset < count else { throw JSONError(.unexpectedEnd, at: offset) }
            switch byte(offset) {
            case UInt8(ascii: "\""):
                offset += 1
                try scanString()
            case UInt8(ascii: "{"):
                try enter(isObject: true)
                skipSpace()
                guard offset < count, byte(offset) == UInt8(ascii: "}") else {
                    try scanKey()
                    continue
                }
                leave()
            case UInt8(ascii: "["):
                try enter(isObject: false)
                skipSpace()
                guard offset < count, byte(offset) == UInt8(ascii: "]") else {
                    continue
                }
                leave()
            case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): try scanNumber()
            case UInt8(ascii: "t"): try scanWord("true")
            case UInt8(ascii: "f"): try scanWord("false")
            case UInt8(ascii: "n"): try scanWord("null")
            default: throw JSONError(.unexpectedByte, at: offset)
            }
            if try !scanAfterValue() { return }
        }
    }

    /// Closes what a value ends, up to the comma before the next one; false when the outermost value is over.
    private mutating func scanAfterValue() throws(JSONError) -> Bool {
        while depth > 0 {
            if depth == 1, recordsMembers, !members.isEmpty { members[members.count - 1].valueEnd = Int32(offset) }
            skipSpace()
            guard offset < count else { throw JSONError(.unexpectedEnd, at: offset) }
            let isObject = levels & 1 == 1
            switch byte(offset) {
            case UInt8(ascii: ","):
                offset += 1
                skipSpace()
                if isObject { try scanKey() }
                return true
            case UInt8(ascii: "}") where isObject, UInt8(ascii: "]") where !isObject: leave()
            default: throw JSONError(.unexpectedByte, at: offset)
            }
        }
        return false
    }

    private mutating func enter(isObject: Bool) throws(JSONError) {
        guard depth < maxDepth else { throw JSONError(.tooDeep, at: offset) }
        if depth == 0, !isObject { recordsMembers = false }
        depth += 1
        levels = levels << 1 | (isObject ? 1 : 0)
        offset += 1
    }

    private mutating func leave() {
        depth -= 1
        levels >>= 1
        offset += 1
    }

    /// A key and its colon, up to the value.
    private mutating func scanKey() throws(JSONError) {
        guard offset < count else { throw JSONError(.unexpectedEnd, at: offset) }
        guard byte(offset) == UInt8(ascii: "\"") else { throw JSONError(.unexpectedByte, at: offset) }
        let key = offset
        offset += 1
        try scanString()
        let keyEnd = offset
        skipSpace()
        guard offset < count else { throw JSONError(.unexpectedEnd, at: offset) }
        guard byte(offset) == UInt8(ascii: ":") else { throw JSONError(.unexpectedByte, at: offset) }
        offset += 1
        skipSpace()
        if depth == 1, recordsMembers {
            if members.isEmpty { members.reserveCapacity(16) }
            let member = JSONMemberRange(key: Int32(key), keyEnd: Int32(keyEnd), value: Int32(offset), valueEnd: 0)
            members.append(member)
        }
    }

    private mutating func scanWord(_ word: StaticString) throws(JSONError) {
        for index in 0..<word.utf8CodeUnitCount {
            guard offset < count else { throw JSONError(.unexpectedEnd, at: offset) }
            guard byte(offset) == word.utf8Start[index] else { throw JSONError(.unexpectedByte, at: offset) }
            offset += 1
        }
    }
}

// MARK: Strings

extension JSONScanner {
    /// A string, from behind its first quote to behind its last.
    private mutating func scanString() throws(JSONError) {
        var at = offset
        while true {
            at = endOfPlainRun(at)
            guard at < count else { throw JSONError(.unexpectedEnd, at: at) }
            let found = byte(at)
            switch found {
            case UInt8(ascii: "\""):
                offset = at + 1
                return
            case UInt8(ascii: "\\"): at = try endOfEscape(at)
            case 0x80...: at = try endOfWideRun(at)
            default: throw JSONError(.controlCharacterInString, at: at)
            }
        }
    }

    /// The first byte from `start` on that is not plain ASCII text; `count` when there is none.
    @inline(__always)
    private func endOfPlainRun(_ start: Int) -> Int {
        var at = start
        while at + 8 <= count {
            let found = ByteWords.special(ByteWords.load(base, at))
            if found != 0 { return at + ByteWords.index(found) }
            at += 8
            // A run this long is likely to be much longer.
            while at + 32 <= count {
                let first = ByteWords.special(ByteWords.load(base, at))
                let second = ByteWords.special(ByteWords.load(base, at + 8))
                let third = ByteWords.special(ByteWords.load(base, at + 16))
                let fourth = ByteWords.special(ByteWords.load(base, at + 24))
                if first | second | third | fourth != 0 { break }
                at += 32
            }
        }
        while at < count {
            let byte = byte(at)
            if byte < 0x20 || byte == 0x22 || byte == 0x5C || byte >= 0x80 { return at }
            at += 1
        }
        return at
    }

    /// Lone surrogates pass: the grammar allows them, and reading such a string shows U+FFFD.
    private func endOfEscape(_ start: Int) throws(JSONError) -> Int {
        guard start + 1 < count else { throw JSONError(.unexpectedEnd, at: count) }
        switch byte(start + 1) {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return start + 2
        case UInt8(ascii: "u"):
            guard start + 6 <= count else { throw JSONError(.unexpectedEnd, at: count) }
            for at in (start + 2)..<(start + 6) where hexDigitValue(byte(at)) == nil {
                throw JSONError(.badEscape, at: at)
            }
            return start + 6
        default: throw JSONError(.badEscape, at: start + 1)
        }
    }

    /// Past the run of multi-byte UTF-8 that begins at `start` (RFC 3629: no overlong forms, no surrogates).
    private func endOfWideRun(_ start: Int) throws(JSONError) -> Int {
        var at = start
        while at < count {
            let lead = byte(at)
            guard lead >= 0x80 else { break }
            if at + 4 <= count {
                let word = UInt32(littleEndian: base.loadUnaligned(fromByteOffset: at, as: UInt32.self))
                if word & 0x00C0_C0F0 == 0x0080_80E0 {
                    // E0 needs A0 or above behind it, ED needs 9F or below.
                    let scalar = (word & 0xF) << 12 | (word >> 8 & 0x3F) << 6 | (word >> 16 & 0x3F)
                    guard scalar >= 0x800, scalar & 0xF800 != 0xD800 else { throw JSONError(.badUTF8, at: at) }
                    at += 3
                    continue
                }
                if word & 0x0000_C0E0 == 0x0000_80C0 {
                    guard lead >= 0xC2 else { throw JSONError(.badUTF8, at: at) }
                    at += 2
                    continue
                }
                if word & 0xC0C0_C0F8 == 0x8080_80F0 {
                    // F0 needs 90 or above behind it, F4 needs 8F or below.
                    let top = (word & 0x7) << 6 | (word >> 8 & 0x3F)
                    guard top >= 0x10, top < 0x110 else { throw JSONError(.badUTF8, at: at) }
                    at += 4
                    continue
                }
            }
            guard let length = UTF8Check.scalarLength(base, at: at, count: count) else {
                throw JSONError(.badUTF8, at: at)
            }
            at += length
        }
        return at
    }
}

// MARK: Numbers and white space

extension JSONScanner {
    private mutating func scanNumber() throws(JSONError) {
        let start = offset
        if byte(offset) == UInt8(ascii: "-") { offset += 1 }
        guard offset < count else { throw JSONError(.unexpectedEnd, at: offset) }
        if byte(offset) == UInt8(ascii: "0") {
            offset += 1
        } else {
            try scanDigits(of: start)
        }
        if offset < count, byte(offset) == UInt8(ascii: ".") {
            offset += 1
            try scanDigits(of: start)
        }
        if offset < count, byte(offset) | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if offset < count, byte(offset) == UInt8(ascii: "+") || byte(offset) == UInt8(ascii: "-") { offset += 1 }
            try scanDigits(of: start)
        }
    }

    /// One digit or more.
    private mutating func scanDigits(of number: Int) throws(JSONError) {
        let start = offset
        while offset < count, byte(offset) &- UInt8(ascii: "0") < 10 { offset += 1 }
        guard offset > start else {
            throw offset < count ? JSONError(.badNumber, at: number) : JSONError(.unexpectedEnd, at: offset)
        }
    }

    @inline(__always)
    private mutating func skipSpace() {
        guard offset < count, byte(offset) <= 0x20 else { return }
        // Pretty-printed documents indent with runs of spaces.
        while offset + 8 <= count, ByteWords.load(base, offset) == ByteWords.ones &* 0x20 { offset += 8 }
        while offset < count {
            switch byte(offset) {
            case 0x20, 0x0A, 0x0D, 0x09: offset += 1
            default: return
            }
        }
    }

    /// The caller has compared `index` with `count`.
    @inline(__always)
    private func byte(_ index: Int) -> UInt8 {
        base.load(fromByteOffset: index, as: UInt8.self)
    }
}

/// The value of a hexadecimal digit; nil when it is none.
func hexDigitValue(_ digit: UInt8) -> UInt32? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(digit - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(digit - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(digit - UInt8(ascii: "A") + 10)
    default: nil
    }
}
