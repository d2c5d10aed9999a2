/// Ids of the special tokens, which the size of the vocabulary fixes (openai/whisper's order).
public struct SpecialTokens: Sendable, Hashable {
    /// Rows of the token embedding: 51864 (English), 51865 (multilingual) or 51866 (with Cantonese).
    public let vocabularySize: Int

    public init(vocabularySize: Int) {
        self.vocabularySize = vocabularySize
    }

    public var isMultilingual: Bool { vocabularySize >= 51865 }
    /// The first special token: every id below it is text.
    public var endOfText: Int { isMultilingual ? 50257 : 50256 }
    public var startOfTranscript: Int { endOfText + 1 }
    public var firstLanguage: Int { endOfText + 2 }
    /// 99, 100 with Cantonese (large-v3 and later).
    public var languageCount: Int { vocabularySize - 51765 - (isMultilingual ? 1 : 0) }
    public var translate: Int { firstLanguage + languageCount }
    public var transcribe: Int { translate + 1 }
    public var startOfLM: Int { translate + 2 }
    public var startOfPrevious: Int { translate + 3 }
    public var noSpeech: Int { translate + 4 }
    public var noTimestamps: Int { translate + 5 }
    /// `<|0.00|>`; ids up to the end of the vocabulary are times in steps of 0.02 s.
    public var firstTimestamp: Int { translate + 6 }

    /// Languages that this vocabulary has a token for, in id order.
    public var languages: ArraySlice<Language> { Language.all.prefix(max(0, languageCount)) }

    /// The token of a language, nil when this vocabulary has none for it.
    public func token(ofLanguage code: String) -> Int? {
        languages.firstIndex { $0.code == code }.map { firstLanguage + $0 }
    }

    /// The language that a token stands for, nil for any other token.
    public func language(ofToken token: Int) -> Language? {
        guard token >= firstLanguage, token < translate else { return nil }
        let index = token - firstLanguage
        return languages.indices.contains(index) ? languages[index] : nil
    }
}
