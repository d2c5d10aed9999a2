import ElkWire
import NIOCore

/// A JSON value read the simple way, to compare with.
indirect enum JSONTree: Hashable {
    case object([Member])
    case array([JSONTree])
    case string(String)
    case number(String)
    case bool(Bool)
    case null

    struct Member: Hashable {
        var key: String
        var value: JSONTree
    }

    /// What `JSONSlice` sees.
    init(_ slice: JSONSlice) {
        switch slice.kind {
        case .object:
            self = .object(slice.members.map { Member(key: $0.key.string, value: JSONTree($0.value)) })
        case .array: self = .array(slice.elements.map { JSONTree($0) })
        case .string: self = .string(slice.string ?? "?")
        case .number: self = .number(slice.numberText ?? "?")
        case .bool: self = .bool(slice.bool ?? false)
        case .null: self = .null
        }
    }

    /// What a recursive reader of RFC 8259 sees; nil when the text is not JSON.
    init?(reading text: [UInt8], maxDepth: Int = 128) {
        guard String(validating: text, as: UTF8.self) != nil else { return nil }
        var reader = Reader(text: text, maxDepth: maxDepth)
        reader.skipSpace()
        guard let tree = reader.value(0) else { return nil }
        reader.skipSpace()
        guard reader.at == text.count else { return nil }
        self = tree
    }
}

private struct Reader {
    let text: [UInt8]
    let maxDepth: Int
    var at = 0

    var byte: UInt8? { at < text.count ? text[at] : nil }

    mutating func skipSpace() {
        while let byte, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { at += 1 }
    }

    mutating func skip(_ word: String) -> Bool {
        guard text[at...].starts(with: word.utf8) else { return false }
        at += word.utf8.count
        return true
    }

    mutating func value(_ depth: Int) -> JSONTree? {
        switch byte {
        case UInt8(ascii: "{"): return depth < maxDepth ? object(depth + 1) : nil
        case UInt8(ascii: "["): return depth < maxDepth ? array(depth + 1) : nil
        case UInt8(ascii: "\""): return string().map { .string($0) }
        case UInt8(ascii: "t"): return skip("true") ? .bool(true) : nil
        case UInt8(ascii: "f"): return skip("false") ? .bool(false) : nil
        case UInt8(ascii: "n"): return skip("null") ? .null : nil
        default: return number()
        }
    }

    mutating func object(_ depth: Int) -> JSONTree? {
        at += 1
        var members: [JSONTree.Member] = []
        skipSpace()
        if skip("}") { return .object([]) }
        while true {
            skipSpace()
            guard byte == UInt8(ascii: "\""), let key = string() else { return nil }
            skipSpace()
            guard skip(":") else { return nil }
            skipSpace()
            guard let value = value(depth) else { return nil }
            members.append(JSONTree.Member(key: key, value: value))
            skipSpace()
            if skip("}") { return .object(members) }
            guard skip(",") else { return nil }
        }
    }

    mutating func array(_ depth: Int) -> JSONTree? {
        at += 1
        var elements: [JSONTree] = []
        skipSpace()
        if skip("]") { return .array([]) }
        while true {
            skipSpace()
            guard let value = value(depth) else { return nil }
            elements.append(value)
            skipSpace()
            if skip("]") { return .array(elements) }
            guard skip(",") else { return nil }
        }
    }

    mutating func string() -> String? {
        at += 1
        var units: [UInt16] = []
        var plain: [UInt8] = []
        func flush(_ units: inout [UInt16]) {
            units += Array(String(decoding: plain, as: UTF8.self).utf16)
            plain = []
        }
        while let byte {
            at += 1
            switch byte {
            case UInt8(ascii: "\""):
                flush(&units)
                return String(decoding: units, as: UTF16.self)
            case UInt8(ascii: "\\"):
                flush(&units)
                guard let unit = escape() else { return nil }
                units.append(unit)
            case 0..<0x20: return nil
            default: plain.append(byte)
            }
        }
        return nil
    }

    mutating func escape() -> UInt16? {
        guard let byte else { return nil }
        at += 1
        switch byte {
        case UInt8(ascii: "b"): return 8
        case UInt8(ascii: "f"): return 12
        case UInt8(ascii: "n"): return 10
        case UInt8(ascii: "r"): return 13
        case UInt8(ascii: "t"): return 9
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return UInt16(byte)
        case UInt8(ascii: "u"):
            guard at + 4 <= text.count else { return nil }
            let digits = text[at..<(at + 4)]
            guard digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }) else { return nil }
            at += 4
            return UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
        default: return nil
        }
    }

    mutating func number() -> JSONTree? {
        let start = at
        _ = skip("-")
        if !skip("0") { guard digits() else { return nil } }
        if skip(".") { guard digits() else { return nil } }
        if skip("e") || skip("E") {
            _ = skip("+") || skip("-")
            guard digits() else { return nil }
        }
        return .number(String(decoding: text[start..<at], as: UTF8.self))
    }

    mutating func digits() -> Bool {
        let start = at
        while let byte, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { at += 1 }
        return at > start
    }
}

/// A generator that gives the same numbers each time.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Writes documents at random: every kind of value, white space and escapes.
struct JSONGenerator {
    var numbers: SeededNumbers

    init(seed: UInt64) {
        numbers = SeededNumbers(seed: seed)
    }

    mutating func value(depth: Int = 0) -> String {
        switch Int.random(in: 0..<(depth > 4 ? 5 : 8), using: &numbers) {
        case 0: return "null"
        case 1: return pick(["true", "false"])
        case 2:
            return pick([
                "0", "-0", "12", "-7.25", "1e3", "2.5E-10", "123456789012345678901234567890", "9007199254740993",
            ])
        case 3, 4: return string()
        case 5, 6: return object(depth: depth)
        default:
            let count = Int.random(in: 0..<5, using: &numbers)
            var elements: [String] = []
            for _ in 0..<count { elements.append(space() + value(depth: depth + 1) + space()) }
            return "[" + (elements.isEmpty ? space() : elements.joined(separator: ",")) + "]"
        }
    }

    mutating func object(depth: Int = 0, keys: [String]? = nil) -> String {
        let names = keys ?? (0..<Int.random(in: 0..<6, using: &numbers)).map { _ in string() }
        var members: [String] = []
        for name in names {
            members.append(space() + name + space() + ":" + space() + value(depth: depth + 1) + space())
        }
        return "{" + (members.isEmpty ? space() : members.joined(separator: ",")) + "}"
    }

    mutating func string() -> String {
        var text = "\""
        for _ in 0..<Int.random(in: 0..<6, using: &numbers) {
            text += pick([
                "a", "model", "text that is longer than a word", "\\n", "\\\"", "\\\\", "\\u00e9", "\\ud83d\\ude00",
                "\\ud800", "é",
                "日本語", "😀", "{", "]", ",", ":", "\\/", " ",
            ])
        }
        return text + "\""
    }

    mutating func space() -> String {
        pick(["", "", "", " ", "\n", "\t", "\r\n", "            "])
    }

    mutating func pick(_ choices: [String]) -> String {
        choices[Int.random(in: 0..<choices.count, using: &numbers)]
    }
}
