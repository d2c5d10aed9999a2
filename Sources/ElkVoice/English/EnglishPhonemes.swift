/// English text to IPA, as a voice that has learned from eSpeak NG expects it.
package struct EnglishPhonemes: Sendable {
    private let reader: EnglishPronunciation

    package init(_ lexicon: Lexicon) {
        reader = EnglishPronunciation(lexicon)
    }

    /// The sounds of one sentence with the marks that shape its tune.
    package func pronunciation(of text: String) -> Pronunciation {
        let reading = SpokenEnglish.reading(of: text)
        var words: [Spoken] = []
        var previous: String?
        for (token, source) in zip(reading.tokens, reading.sources) {
            switch token {
            case .mark(let mark):
                if let last = words.indices.last { words[last].mark = mark }
                previous = nil
                continue
            case .letters(let letters):
                words.append(spelled(letters))
                previous = letters
            case .capitals(let letters):
                let isWord = reader.isWord(capitals: letters, after: previous)
                words.append(isWord ? spoken(letters, after: previous) : spelled(letters))
                previous = letters
            case .word(let word):
                words.append(spoken(word, after: previous))
                previous = word
            }
            words[words.count - 1].source = source
        }
        for (index, word) in words.enumerated() {
            // A dash between two words is written with the first.
            let next = words[index...].first { $0.source != word.source }
            let pieces = reading.pieces[word.source.lowerBound..<(next?.source.lowerBound ?? reading.pieces.count)]
            words[index].text = pieces.joined(separator: " ")
        }
        return joined(words)
    }

    private struct Spoken {
        var word: String
        var sounds: String
        /// Sounds with stress, where `sounds` has none.
        var stressed: String?
        var mark: Character?
        /// What was written, and where.
        var text = ""
        var source = 0..<0

        var beginsWithVowel: Bool {
            guard let first = sounds.first(where: { $0 != "ˈ" && $0 != "ˌ" }) else { return false }
            return "aæɐɑɔeɛɜəɚiɪoʊuʌᵻ".contains(first)
        }
    }

    private func spelled(_ letters: String) -> Spoken {
        Spoken(word: letters, sounds: PhoneSpelling.ipa(reader.phones(ofLetters: letters), word: ""))
    }

    private func spoken(_ word: String, after previous: String?) -> Spoken {
        let phones = reader.phones(of: word, after: previous)
        let sounds = PhoneSpelling.ipa(phones, word: word)
        guard let weak = Self.weak[word] else { return Spoken(word: word, sounds: sounds) }
        return Spoken(word: word, sounds: weak, stressed: sounds)
    }

    private func joined(_ words: [Spoken]) -> Pronunciation {
        var words = words
        for index in words.indices.dropLast() where words[index].mark == nil {
            let nextIsVowel = words[index + 1].beginsWithVowel
            switch words[index].word {
            case "the" where nextIsVowel: words[index].sounds = "ðɪ"
            case "to" where nextIsVowel: words[index].sounds = "tʊ"
            default:
                // "better in" has an r between.
                if nextIsVowel, words[index].sounds.hasSuffix("ɚ") { words[index].sounds += "ɹ" }
            }
        }
        var text = Pronunciation()
        var source = 0..<0
        var start = 0
        for (index, word) in words.enumerated() {
            let isLast = index == words.count - 1
            guard word.mark != nil || isLast else { continue }
            // A clause without any stress gets it on its last word.
            let clause = start...index
            let isFlat = words[clause].allSatisfy { !$0.sounds.contains("ˈ") }
            for position in clause {
                let spoken = words[position]
                let sounds = isFlat && position == index ? spoken.stressed ?? spoken.sounds : spoken.sounds
                text.append(sounds, of: spoken.text, continuesWord: spoken.source == source)
                source = spoken.source
                if position < index, !(spoken.word != "the" && Self.joins(spoken.word, words[position + 1].word)) {
                    text.append(" ")
                }
            }
            if let mark = word.mark { text.append(String(mark)) }
            if !isLast { text.append(" ") }
            start = index + 1
        }
        return text
    }

    /// Said as one: "of the".
    private static func joins(_ first: String, _ second: String) -> Bool {
        second == "the" && ["of", "in", "on", "for", "from", "with", "that"].contains(first)
    }

    /// Words of grammar, without stress.
    private static let weak: [String: String] = [
        "a": "ɐ", "an": "ɐn", "the": "ðə", "and": "ænd", "or": "ɔːɹ", "but": "bˌʌt", "nor": "nɔːɹ", "of": "ʌv",
        "to": "tə",
        "in": "ɪn", "on": "ɔn", "at": "æt", "for": "fɚ", "from": "fɹʌm", "with": "wɪð", "by": "baɪ", "as": "æz",
        "than": "ðɐn",
        "is": "ɪz", "are": "ɑːɹ", "was": "wʌz", "were": "wɜː", "be": "biː", "been": "bˌɪn", "am": "æm", "has": "hɐz",
        "have": "hæv", "had": "hɐd", "will": "wɪl", "would": "wʊd", "can": "kæn", "could": "kʊd", "should": "ʃˌʊd",
        "i": "aɪ", "you": "juː", "he": "hiː", "she": "ʃiː", "it": "ɪt", "we": "wiː", "they": "ðeɪ", "them": "ðˌɛm",
        "us": "ˌʌs",
        "me": "mˌiː", "my": "maɪ", "your": "jʊɹ", "her": "hɜː", "its": "ɪts", "our": "ˌaʊɚ", "their": "ðɛɹ",
        "this": "ðɪs",
        "that": "ðæt", "these": "ðiːz", "there": "ðɛɹ", "if": "ɪf", "so": "sˌoʊ", "about": "ɐbˌaʊt", "into": "ˌɪntʊ",
        "i'm": "aɪm", "i'll": "aɪl", "i've": "aɪv", "i'd": "aɪd", "you're": "jʊɹ", "you'll": "juːl", "you've": "juːv",
        "you'd": "juːd", "he's": "hiːz", "he'll": "hiːl", "he'd": "hiːd", "she's": "ʃiːz", "she'll": "ʃiːl",
        "she'd": "ʃiːd",
        "it's": "ɪts", "it'll": "ˌɪɾəl", "we're": "wɪɹ", "we'll": "wiːl", "we've": "wiːv", "we'd": "wiːd",
        "they're": "ðeɪɚ",
        "they'll": "ðeɪl", "they've": "ðeɪv", "they'd": "ðeɪd", "what": "wˌʌt", "when": "wˌɛn", "which": "wˌɪtʃ",
        "how": "hˌaʊ",
        "some": "sˌʌm", "any": "ˌɛni", "not": "nˌɑːt",
    ]
}
