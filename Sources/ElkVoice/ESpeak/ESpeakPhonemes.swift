/// Text of any language to IPA by eSpeak NG, for voices that have learned from it.
struct ESpeakPhonemes: Sendable {
    private let espeak: ESpeak
    private let language: String

    /// - Throws: `VoiceError.unknownLanguage`.
    init(_ espeak: ESpeak, language: String) throws(VoiceError) {
        try espeak.identifier(of: language)
        (self.espeak, self.language) = (espeak, language)
    }

    func pronunciation(of text: String) throws(VoiceError) -> Pronunciation {
        var result = Pronunciation()
        for clause in Clause.clauses(of: text) {
            let sounds = Self.plain(try espeak.phonemes(of: clause.text, in: language)).split(separator: " ")
            guard !sounds.isEmpty else { continue }
            if !result.ipa.isEmpty { result.append(" ") }
            Self.append(sounds, of: clause.words, to: &result)
            if let mark = clause.mark { result.append(String(mark)) }
        }
        return result
    }

    /// Word by word, where there are as many words of sounds as of text; else the clause as one word.
    private static func append(_ sounds: [Substring], of words: [String], to result: inout Pronunciation) {
        let isPaired = sounds.count == words.count
        for (index, sound) in sounds.enumerated() {
            if index > 0 { result.append(" ") }
            let text = isPaired ? words[index] : words.joined(separator: " ")
            result.append(String(sound), of: text, continuesWord: !isPaired && index > 0)
        }
    }

    /// Without the names of other languages, as in `(en)`, and without what means something else to a voice.
    static func plain(_ ipa: String) -> String {
        var scalars = String.UnicodeScalarView()
        var isName = false
        for scalar in ipa.unicodeScalars {
            switch scalar {
            case "(": isName = true
            case ")": isName = false
            case "_", "^", "$": break
            case "\n", "\r", "\t": scalars.append(" ")
            default: if !isName { scalars.append(scalar) }
            }
        }
        return String(scalars)
    }
}
