/// Byte-level BPE of Whisper with its special tokens.
public struct Tokenizer: Sendable {
    public let special: SpecialTokens

    /// - Parameters:
    ///   - vocabulary: bytes of the ordinary tokens in id order.
    ///   - size: rows of the model's embedding, which fixes the special tokens.
    package init(vocabulary: [[UInt8]], size: Int) throws(ModelError) {
        special = SpecialTokens(vocabularySize: size)
    }

    /// Ids of `text` (no special tokens are recognised in it).
    public func encode(_ text: String) -> [Int] { [] }

    /// Text of the ordinary tokens in `tokens`; special and timestamp tokens are left out, broken UTF-8 becomes U+FFFD.
    public func decode(_ tokens: some Sequence<Int>) -> String { "" }

    /// Words with their tokens, cut as the reference does (SP 2.11 step 7). `tokens` are ordinary tokens, or end of text.
    package func words(of tokens: [Int], language: String) -> [(text: String, tokens: [Int])] { [] }

    /// Ids that the reference never samples: brackets, notes and the like (82 multilingual, 84 English).
    package var nonSpeechTokens: [Int] { [] }
}

/// Ids of the special tokens for a vocabulary of a given size.
public struct SpecialTokens: Sendable, Hashable {
    public let vocabularySize: Int
    public var endOfText: Int { vocabularySize >= 51865 ? 50257 : 50256 }
    public var startOfTranscript: Int { endOfText + 1 }
    public var firstLanguage: Int { endOfText + 2 }
    public var languageCount: Int { vocabularySize - 51765 - (vocabularySize >= 51865 ? 1 : 0) }
    public var translate: Int { firstLanguage + languageCount }
    public var transcribe: Int { translate + 1 }
    public var startOfLM: Int { translate + 2 }
    public var startOfPrevious: Int { translate + 3 }
    public var noSpeech: Int { translate + 4 }
    public var noTimestamps: Int { translate + 5 }
    /// `<|0.00|>`; ids up to the end of the vocabulary are times in steps of 0.02 s.
    public var firstTimestamp: Int { translate + 6 }

    public init(vocabularySize: Int) {
        self.vocabularySize = vocabularySize
    }
}
