import Testing

@testable import ElkSpeech

struct JSONReaderTests {
    private func reader(_ text: String) -> JSONReader {
        JSONReader(TinyModel.file(Array(text.utf8), path: "file.json"))
    }

    private func fails(_ text: String) -> Bool {
        var reader = reader(text)
        do {
            try reader.skip()
            try reader.finish()
            return false
        } catch {
            return true
        }
    }

    @Test func `members that nobody reads are skipped`() throws {
        var numbers: [Int] = []
        var reader = reader(#" {"a": {"b": [1, "}", {}]}, "c" : -12 , "d": null, "e": [ ], "c": 7}"# + "\n")
        try reader.members { reader, key throws(ModelError) in
            if key.elementsEqual("c".utf8) { numbers.append(try reader.integer()) }
        }
        try reader.finish()
        #expect(numbers == [-12, 7])
    }

    @Test func `escapes become UTF-8`() throws {
        var text = reader(#""\"\\\/\b\f\n\r\t\u00e9\uD83D\uDE00 \ud83dx ü""#)
        #expect(String(decoding: try text.string(), as: UTF8.self) == "\"\\/\u{8}\u{C}\n\r\té😀 \u{FFFD}x ü")
    }

    @Test(arguments: [
        "", "{", "[1", "\"a", "\"\\", "]", ",", "[1]]", "{\"a\":}" + "x", "\u{1}",
        String(repeating: "[", count: 100_000),
    ])
    func `broken text is refused`(text: String) {
        #expect(fails(text))
    }

    @Test(arguments: ["9223372036854775808", "1.5", "1e3", "-", "\"1\"", ""])
    func `what is no whole number is refused`(text: String) {
        var reader = reader(text)
        #expect(throws: ModelError.self) { try reader.integer() }
    }

    @Test func `the error names the file and the position`() {
        var reader = reader("[1, x]")
        let error = #expect(throws: ModelError.self) { try reader.integers() }
        #expect(
            error?.description
                == "file.json is not the JSON that a model has: something else where a whole number belongs at byte 4"
        )
    }
}
