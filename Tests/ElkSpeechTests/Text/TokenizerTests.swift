import Testing

@testable import ElkSpeech

struct TokenizerTests {
    /// The 256 bytes and four merges, of which ` ab` can be reached by two ways.
    private func tokenizer(_ merges: [String] = ["ab", " a", "abc", " ab"]) throws -> Tokenizer {
        try Tokenizer(vocabulary: ByteAlphabet.ordered.map { [$0] } + merges.map { Array($0.utf8) }, size: 51864)
    }

    private func bytes(_ text: String) -> [Int] {
        text.utf8.compactMap { ByteAlphabet.ordered.firstIndex(of: $0) }
    }

    @Test func `neighbours merge lowest id first and leftmost among equals`() throws {
        let tokenizer = try tokenizer()
        #expect(tokenizer.encode("xababc") == bytes("x") + [256, 258])
        // `ab` comes before ` a`, and then the space joins it.
        #expect(tokenizer.encode("z ab") == bytes("z") + [259])
        #expect(try self.tokenizer(["aa"]).encode("aaaaab") == [256, 256] + bytes("ab"))
    }

    @Test func `merging never crosses a piece`() throws {
        #expect(try tokenizer(["b!", "1a"]).encode("ab!1a") == bytes("ab!1a"))
    }

    @Test func `a byte outside the vocabulary is left out`() throws {
        let tokenizer = try Tokenizer(vocabulary: [[97], [98], [97, 98], []], size: 51865)
        #expect(tokenizer.encode("cabca") == [2, 0])
        #expect(try Tokenizer(vocabulary: [[UInt8]](), size: 51865).encode("a b").isEmpty)
    }

    /// Quadratic work would take longer by far.
    @Test(.timeLimit(.minutes(5))) func `a long hostile text is encoded in no time`() throws {
        let tokenizer = try tokenizer(["aa", "aaaa", "aaaaaaaa"])
        #expect(tokenizer.encode(String(repeating: "a", count: 100_000)).count == 12_500)
    }

    @Test func `text decodes once as a whole and without special tokens`() throws {
        let tokenizer = try tokenizer()
        #expect(tokenizer.decode(bytes("é")) == "é")
        #expect(tokenizer.decode([50363] + bytes("é a") + [50256, 51863, -1, .max, 40_000]) == "é a")
        #expect(tokenizer.decode(bytes("é").dropLast() + bytes("x")) == "\u{FFFD}x")
        #expect(tokenizer.decode([]) == "")
    }

    @Test(
        arguments: [
            ([0xE2, 0x82, 0x41], 1), ([0xF0, 0x80, 0x80, 0x41], 3), ([0xED, 0xA0, 0x80], 3), ([0xE2, 0x82], 1),
            ([0xF4, 0x90, 0x80, 0x80], 4), ([0xC0, 0xAF], 2), ([0xF0, 0x9F, 0x91, 0xFF], 2),
        ] as [([UInt8], Int)]
    )
    func `broken characters become as many marks as in the reference`(_ broken: [UInt8], _ marks: Int) throws {
        let text = try tokenizer().decode(broken.compactMap { ByteAlphabet.ordered.firstIndex(of: $0) })
        #expect(text.unicodeScalars.count { $0 == "\u{FFFD}" } == marks)
    }

    @Test func `special tokens are words of their own wherever they stand`() throws {
        let tokens = bytes("é").dropLast() + [50256, 50256] + bytes(" a")
        let words = try tokenizer().words(of: Array(tokens), language: "en")
        #expect(words.map(\.text) == ["\u{FFFD}", "", "", " a"])
        #expect(words.flatMap(\.tokens) == Array(tokens))
        #expect(try tokenizer().words(of: [], language: "en").isEmpty)
    }

    @Test func `a half character at the end stays with the words`() throws {
        let tokens = bytes("a") + bytes("€").dropLast()
        let words = try tokenizer().words(of: tokens, language: "en")
        #expect(words.flatMap(\.tokens) == tokens)
    }

    @Test func `a vocabulary that cannot be Whisper's is refused`() {
        #expect(throws: ModelError.self) { try Tokenizer(vocabulary: [[97]], size: 100) }
        #expect(throws: ModelError.self) {
            try Tokenizer(vocabulary: [[UInt8]](repeating: [97], count: 50257), size: 51864)
        }
    }

    @Test(arguments: [
        ("I'll say'll 're", ["I", "'ll", " say", "'ll", " '", "re"]),
        ("a  b", ["a", " ", " b"]),
        ("a \n", ["a", " \n"]),
        ("a\nb", ["a", "\n", "b"]),
        (" 12ab!?", [" 12", "ab", "!?"]),
        ("'S 'd", ["'", "S", " '", "d"]),
        ("'", ["'"]),
        ("", []),
    ])
    func `pieces follow the GPT-2 rule`(_ text: String, _ pieces: [String]) {
        #expect(PieceSplitter(text).map(String.init) == pieces)
    }
}
