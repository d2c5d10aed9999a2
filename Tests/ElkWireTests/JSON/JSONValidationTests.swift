import ElkWire
import NIOCore
import Testing

struct JSONValidationTests {
    @Test(arguments: [
        "{}", "[]", "0", "-0", "\"\"", "null", "true", "false", " \t\r\n[ ] \n", "1.5e+10", "1E-2", #"{"a":1,"a":2}"#,
        #"["\ud800"]"#,
        #"{"é":"日本語 😀","b":[1,[2,{"c":{}}]]}"#, "[1 , 2 ,3]", #""\u0000\b\f\n\r\t\/\\\"""#, "\"\u{7F}\u{2028}\"",
    ])
    func `JSON passes, and the range leaves out the white space around it`(text: String) throws {
        let slice = try JSONSlice(validating: ByteBuffer(string: text))
        let trimmed = text.drop { $0.isWhitespace }
        #expect(String(buffer: slice.bytes) == String(trimmed.reversed().drop { $0.isWhitespace }.reversed()))
        #expect(JSONTree(slice) == JSONTree(reading: Array(text.utf8)))
    }

    @Test(arguments: [
        ("", JSONError(.empty, at: 0)), ("  ", JSONError(.empty, at: 2)),
        ("\u{FEFF}{}", JSONError(.byteOrderMark, at: 0)),
        ("{", JSONError(.unexpectedEnd, at: 1)), ("[1,]", JSONError(.unexpectedByte, at: 3)),
        ("{\"a\":1,}", JSONError(.unexpectedByte, at: 7)), ("{a:1}", JSONError(.unexpectedByte, at: 1)),
        ("{\"a\" 1}", JSONError(.unexpectedByte, at: 5)), ("[1 2]", JSONError(.unexpectedByte, at: 3)),
        ("[1}", JSONError(.unexpectedByte, at: 2)), ("{\"a\":1]", JSONError(.unexpectedByte, at: 6)),
        ("01", JSONError(.trailingBytes, at: 1)), ("1.", JSONError(.unexpectedEnd, at: 2)),
        ("[1.]", JSONError(.badNumber, at: 1)),
        ("[-]", JSONError(.badNumber, at: 1)), ("[1e]", JSONError(.badNumber, at: 1)),
        (".5", JSONError(.unexpectedByte, at: 0)),
        ("+1", JSONError(.unexpectedByte, at: 0)), ("NaN", JSONError(.unexpectedByte, at: 0)),
        ("nul", JSONError(.unexpectedEnd, at: 3)), ("nulL", JSONError(.unexpectedByte, at: 3)),
        ("'a'", JSONError(.unexpectedByte, at: 0)), ("\"a", JSONError(.unexpectedEnd, at: 2)),
        ("\"\\x\"", JSONError(.badEscape, at: 2)), ("\"\\u12g4\"", JSONError(.badEscape, at: 5)),
        ("\"\\", JSONError(.unexpectedEnd, at: 2)), ("\"\\u12", JSONError(.unexpectedEnd, at: 5)),
        ("\"a\nb\"", JSONError(.controlCharacterInString, at: 2)),
        ("\"0123456789\u{0}\"", JSONError(.controlCharacterInString, at: 11)),
        ("{} {}", JSONError(.trailingBytes, at: 3)), ("[]\u{0}", JSONError(.trailingBytes, at: 2)),
        ("[1,\u{A0}2]", JSONError(.unexpectedByte, at: 3)), ("{} // no", JSONError(.trailingBytes, at: 3)),
    ])
    func `what is not JSON is refused with its reason and place`(text: String, error: JSONError) {
        #expect(throws: error) { try JSONSlice(validating: ByteBuffer(string: text)) }
        #expect(JSONTree(reading: Array(text.utf8)) == nil)
    }

    @Test(
        arguments: [
            [0x80], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x80, 0x80], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80],
            [0xF0, 0x8F, 0xBF, 0xBF],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xC3], [0xE2, 0x82], [0xF0, 0x9F, 0x98],
            [0xC3, 0x41],
            [0xE2, 0x82, 0x41], [0xF0, 0x9F, 0x98, 0x41],
        ] as [[UInt8]]
    )
    func `invalid UTF-8 is refused wherever it stands`(bytes: [UInt8]) {
        for before in 0..<34 {
            for after in [0, 1, 2, 3, 9] {
                var text: [UInt8] = [0x22] + [UInt8](repeating: 0x61, count: before) + bytes
                text += [UInt8](repeating: 0x62, count: after) + [0x22]
                #expect(throws: JSONError(.badUTF8, at: before + 1)) {
                    try JSONSlice(validating: ByteBuffer(bytes: text))
                }
            }
        }
    }

    @Test func `nesting ends at the limit`() throws {
        func nested(_ depth: Int) -> ByteBuffer {
            ByteBuffer(
                string: String(repeating: "[{\"a\":", count: depth / 2) + "0"
                    + String(repeating: "}]", count: depth / 2)
            )
        }
        _ = try JSONSlice(validating: nested(128))
        #expect(throws: JSONError(.tooDeep, at: 384)) { try JSONSlice(validating: nested(130)) }
        #expect(throws: JSONError(.tooDeep, at: 384)) { try JSONSlice(validating: nested(100_000)) }
        #expect(throws: JSONError(.tooDeep, at: 6)) { try JSONSlice(validating: nested(4), maxDepth: 2) }
        _ = try JSONSlice(validating: nested(4), maxDepth: 4)
    }

    @Test func `a random document reads as the simple reader reads it`() throws {
        for seed in 0..<400 as Range<UInt64> {
            var generator = JSONGenerator(seed: seed)
            let text = generator.space() + generator.value() + generator.space()
            let slice = try JSONSlice(validating: ByteBuffer(string: text))
            #expect(JSONTree(slice) == JSONTree(reading: Array(text.utf8)), "\(text)")
        }
    }

    @Test func `a random change is accepted and refused as the simple reader does`() {
        for seed in 0..<3000 as Range<UInt64> {
            var generator = JSONGenerator(seed: seed)
            var text = Array(generator.object().utf8)
            for _ in 0..<Int.random(in: 1...2, using: &generator.numbers) where !text.isEmpty {
                let at = Int.random(in: 0..<text.count, using: &generator.numbers)
                switch Int.random(in: 0..<3, using: &generator.numbers) {
                case 0: text.remove(at: at)
                case 1: text[at] = UInt8.random(in: 0...255, using: &generator.numbers)
                default: text.insert(generator.pick(["\"", "{", "}", ",", "\\", "0", " "]).utf8.first ?? 0, at: at)
                }
            }
            let slice = try? JSONSlice(validating: ByteBuffer(bytes: text))
            #expect(slice.map { JSONTree($0) } == JSONTree(reading: text), "\(String(decoding: text, as: UTF8.self))")
        }
    }

    @Test func `offsets count from where the buffer is read`() throws {
        var buffer = ByteBuffer(string: "xxx{\"a\": [1, 2]}")
        buffer.moveReaderIndex(forwardBy: 3)
        let slice = try JSONSlice(validating: buffer)
        #expect(slice.range == 0..<13)
        #expect(slice["a"]?.range == 6..<12)
        #expect(slice["a"].map { String(buffer: $0.bytes) } == "[1, 2]")
    }
}
