import Testing

@testable import ElkSpeech

struct VocabularyFileTests {
    private func find(_ name: String, _ text: String, count: Int = 4) throws(ModelError) -> [[UInt8]] {
        try VocabularyFile(count: count)
            .find(embedded: nil, for: TinyModel.file([0], path: "model"), beside: .memory([name: Array(text.utf8)]))
    }

    private let expected: [[UInt8]] = [[0x21], [0x20, 0x61], [0x0A], [0xC3, 0xA9]]

    @Test func `every kind of vocabulary file gives the bytes of the tokens`() throws {
        #expect(try find("vocabulary.txt", "!\nĠa\nĊ\nÃ©\n<|endoftext|>\n") == expected)
        #expect(try find("vocabulary.txt", "!\r\nĠa\r\nĊ\r\nÃ©") == expected)
        #expect(try find("vocabulary.json", #"["!", "Ġa", "\u010a", "\u00c3\u00A9", "<|ü☃|>"]"#) == expected)
        #expect(try find("vocab.json", #"{"Ċ": 2, "Ġa": 1, "!": 0, "Ã©": 3, "<|☃|>": 4}"#) == expected)
        let tokenizer = """
            {"version": "1.0", "added_tokens": [{"id": 4, "content": "x"}], "model": {"type": "BPE", \
            "vocab": {"Ċ": 2, "Ġa": 1, "!": 0, "Ã©": 3}, "merges": [["a", "b"], "c d"]}}
            """
        #expect(try find("tokenizer.json", tokenizer) == expected)
    }

    @Test func `every byte has one character of the alphabet`() throws {
        var line = ""
        var next: UInt32 = 0x100
        for byte in 0..<256 as Range<UInt32> {
            switch byte {
            case 33...126, 161...172, 174...255: line.unicodeScalars.append(Unicode.Scalar(byte) ?? "?")
            default:
                line.unicodeScalars.append(Unicode.Scalar(next) ?? "?")
                next += 1
            }
        }
        #expect(try find("vocabulary.txt", line, count: 1) == [Array(0...255)])
    }

    @Test func `the empty last token may be missing`() throws {
        #expect(try find("vocab.json", #"{"a": 0, "b": 1, "c": 2}"#) == [[0x61], [0x62], [0x63], []])
        #expect(try find("vocabulary.txt", "a\nb\nc\n\n<|endoftext|>\n") == [[0x61], [0x62], [0x63], []])
    }

    @Test(arguments: [
        ("vocabulary.txt", "a\nb\n", "vocabulary.txt has 2 tokens, the model needs 4"),
        ("vocab.json", #"{"a": 0, "b": 2, "c": 3}"#, "vocab.json has no token for id 1"),
        ("vocab.json", #"{"a": 0, "b": 0}"#, "vocab.json has two tokens for id 0"),
        ("vocabulary.txt", "a\n☃\nc\nd\n", "vocabulary.txt has a token outside GPT-2's alphabet: ☃"),
    ])
    func `an incomplete or foreign vocabulary is refused`(name: String, text: String, expected: String) {
        let error = #expect(throws: ModelError.self) { try find(name, text) }
        #expect(error?.description == expected)
    }
}
