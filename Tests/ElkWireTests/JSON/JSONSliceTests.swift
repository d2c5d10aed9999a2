import ElkWire
import NIOCore
import Testing

/// Validates text that is JSON.
func json(_ text: String) throws -> JSONSlice {
    try JSONSlice(validating: ByteBuffer(string: text))
}

struct JSONSliceTests {
    @Test func `members are found by name, the last of duplicates, however the key is escaped`() throws {
        let root = try json(#"{"model":"a","n":{"model":"inner"},"mod\u0065l":"b","é\n":1}"#)
        #expect(root["model"]?.string == "b")
        #expect(root["n", "model"]?.string == "inner")
        #expect(root["é\n"]?.int == 1)
        #expect(root["none"] == nil)
        #expect(root["model"]?["deeper"] == nil)
        #expect(root.hasDuplicate("model"))
        #expect(!root.hasDuplicate("n"))
        #expect(root.firstDuplicate == "model")
        #expect(root["n"]?.firstDuplicate == nil)
    }

    @Test(arguments: [0, 2000])
    func `a large document answers as a small one does`(padding: Int) throws {
        let pad = String(repeating: "x", count: padding)
        let root = try json(#"{ "a" : [ 1 , {"b":2} ] , "pad":"\#(pad)", "a" : [3] , "c":{"d":[]}, "e":null }"#)
        #expect(root.members.map(\.key.string) == ["a", "pad", "a", "c", "e"])
        #expect(
            root.members.map { String(buffer: $0.value.bytes) } == [
                "[ 1 , {\"b\":2} ]", "\"\(pad)\"", "[3]", "{\"d\":[]}", "null",
            ]
        )
        #expect(root["a"]?.elements.compactMap(\.int) == [3])
        #expect(root["c", "d"]?.kind == .array)
        #expect(root["e"]?.isNull == true)
        #expect(root.hasDuplicate("a"))
    }

    @Test func `a large array and a large string have no members`() throws {
        let pad = String(repeating: "x", count: 3000)
        #expect(try json("[{\"a\":\"\(pad)\"}]").members.map(\.key.string) == [])
        #expect(try json("[{\"a\":\"\(pad)\"}]")["a"] == nil)
        #expect(try json("\"\(pad)\"")["a"] == nil)
        #expect(try json("[{\"a\":\"\(pad)\"}]")[0]?["a"]?.string == pad)
    }

    @Test func `elements are counted from zero`() throws {
        let root = try json(#"[10, "a", [], {}, null]"#)
        #expect(root[0]?.int == 10)
        #expect(root[4]?.isNull == true)
        #expect(root[5] == nil)
        #expect(root[-1] == nil)
        #expect(try json("{\"0\":1}")[0] == nil)
        #expect(root.elements.map(\.kind) == [.number, .string, .array, .object, .null])
    }

    @Test(arguments: [
        (#""""#, ""), (#""plain""#, "plain"), (#""a\n\t\r\b\f\"\\\/z""#, "a\n\t\r\u{8}\u{C}\"\\/z"),
        (#""\u00e9\u20AC""#, "é€"),
        (#""\ud83d\ude00""#, "😀"), (#""\ud83d""#, "\u{FFFD}"), (#""\ude00x""#, "\u{FFFD}x"),
        (#""\ud83d\ud83d\ude00""#, "\u{FFFD}😀"),
        (#""\ud83d\n""#, "\u{FFFD}\n"), (#""\ud83dabcdef""#, "\u{FFFD}abcdef"), (#""\u0000""#, "\u{0}"),
        (#""日本\u8a9e""#, "日本語"),
    ])
    func `strings are decoded`(text: String, decoded: String) throws {
        let slice = try json(text)
        #expect(slice.string == decoded)
        #expect(slice.stringBytes.map { String(buffer: $0) } == decoded)
        #expect(slice.isString(decoded))
        #expect(!slice.isString(decoded + "x"))
        #expect(slice.escapedText.map { "\"" + String(buffer: $0) + "\"" } == text)
    }

    @Test func `an escaped string does not equal its own escapes`() throws {
        #expect(try !json(#""\n""#).isString(#"\n"#))
        #expect(try json(#""\\n""#).isString(#"\n"#))
        #expect(try !json(#"5"#).isString("5"))
    }

    @Test(
        arguments: [
            ("0", 0), ("-0", 0), ("42", 42), ("-42", -42), ("9223372036854775807", Int.max),
            ("-9223372036854775808", Int.min),
            ("9223372036854775808", nil), ("-9223372036854775809", nil), ("1e400", nil), ("5.0", 5), ("1e3", 1000),
            ("1.5", nil),
            ("123456789012345678901234567890", nil), ("1e17", nil), ("true", nil), ("\"1\"", nil),
        ] as [(String, Int?)]
    )
    func `whole numbers that fit are read`(text: String, value: Int?) throws {
        #expect(try json(text).int == value)
    }

    @Test(arguments: [
        "0", "-0.0", "1", "0.1", "-2.5", "1e22", "1e23", "1.7976931348623157e308", "5e-324", "2.2250738585072014e-308",
        "0.30000000000000004",
        "123456789.123456789", "9007199254740993", "1e-22", "12345678901234567890", "3.14159E+0", "0.000001",
    ])
    func `doubles are read exactly`(text: String) throws {
        let expected = try #require(Double(text))
        #expect(try json(text).double?.bitPattern == expected.bitPattern)
        #expect(try json(text).numberText == text)
    }

    @Test func `random doubles are read exactly`() throws {
        var numbers = SeededNumbers(seed: 7)
        for _ in 0..<2000 {
            let value = Double(bitPattern: numbers.next())
            guard value.isFinite else { continue }
            let short = (Double.random(in: -1000...1000, using: &numbers) * 1000).rounded() / 1000
            #expect(try json(value.description).double == value)
            #expect(try json(short.description).double == short)
        }
    }

    @Test func `a double out of range is nil`() throws {
        #expect(try json("1e400").double == nil)
        #expect(try json("\"1\"").double == nil)
        #expect(try json("1e-400").double == 0)
    }

    @Test func `booleans are not numbers`() throws {
        #expect(try json("true").bool == true)
        #expect(try json("false").bool == false)
        #expect(try json("1").bool == nil)
        #expect(try json("true").double == nil)
    }
}
