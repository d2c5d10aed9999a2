/// How English words are said: by a dictionary, by taking words apart, and by rules.
struct EnglishPronunciation {
    private let lexicon: Lexicon

    init(_ lexicon: Lexicon) {
        self.lexicon = lexicon
    }

    /// - Parameters:
    ///   - word: in lower case.
    ///   - previous: the word before it.
    func phones(of word: String, after previous: String?) -> [Phone] {
        let plain = PlainCharacters.letters(word)
        let known = lexicon.pronunciations(of: plain)
        if known.isEmpty, let own = Self.own[plain] { return own }
        // A quote before several words is no apostrophe, as in "'em".
        if known.isEmpty, plain.first == "'" { return phones(of: String(plain.dropFirst()), after: previous) }
        if let first = known.first {
            return known.count == 1 ? first : Heteronyms.choice(plain, among: known, after: previous)
        }
        return taken(apart: plain) ?? LetterToSound.phones(of: plain)
    }

    /// The names of letters; those of `llm's` end in the sound of a plural.
    func phones(ofLetters letters: String) -> [Phone] {
        if letters.hasSuffix("'s") {
            let phones = phones(ofLetters: String(letters.dropLast(2)))
            return phones + Self.ending("s", after: phones)
        }
        var phones: [Phone] = []
        for letter in PlainCharacters.letters(letters) { phones += Self.letterNames[letter].map(Phone.list) ?? [] }
        // The last letter has the stress.
        guard let last = phones.lastIndex(where: { $0.stress == 1 }) else { return phones }
        for index in phones.indices where index != last && phones[index].stress == 1 { phones[index].stress = 2 }
        return phones
    }

    /// What is written in capitals and yet said as a word: it is in the dictionary and can be said.
    func isWord(capitals letters: String, after previous: String?) -> Bool {
        let letters = letters.hasSuffix("'s") ? String(letters.dropLast(2)) : letters
        // The radio and the morning have letters.
        if letters == "am" { return previous == "i" }
        guard letters.count > 3 || Self.capitalWords.contains(letters) || Self.own[letters] != nil,
            letters.contains(where: { "aeiouy".contains($0) })
        else { return Self.own[letters] != nil }
        return Self.own[letters] != nil || !lexicon.pronunciations(of: letters).isEmpty
    }

    private static let capitalWords: Set<String> = [
        "the", "and", "not", "no", "yes", "you", "all", "new", "now", "stop", "why", "how", "who", "is", "are", "do",
        "in", "on", "of", "to", "an", "or", "if", "my", "we", "he", "she", "one", "two", "big", "old", "out", "off",
        "end", "as", "at", "be", "by", "go", "hi", "me", "oh", "so", "up", "act", "add", "age", "ago", "air", "any",
        "art", "ask", "bad", "bag", "bed", "big", "bit", "box", "boy", "but", "buy", "can", "car", "cat", "cut", "day",
        "did", "die", "dog", "eat", "eye", "far", "few", "fix", "for", "fun", "gas", "get", "god", "got", "gun", "guy",
        "had", "has", "her", "him", "his", "hit", "hot", "ill", "its", "job", "key", "kid", "lab", "law", "lay", "let",
        "lie", "lot", "low", "mad", "man", "may", "men", "mix", "nor", "oil", "our", "own", "pay", "put", "ran", "raw",
        "red", "run", "sad", "say", "see", "set", "sit", "six", "sun", "ten", "too", "top", "try", "use", "war", "was",
        "way", "wet", "win", "won", "wow", "yet", "map", "max", "mid", "nasa", "ram", "rom", "lan", "sim", "pin",
    ]
    /// Words that the dictionary lacks.
    private static let own: [String: [Phone]] = [
        "covid": "K OW1 V IH0 D", "json": "JH EY1 S AH0 N", "jpeg": "JH EY1 P EH2 G", "gif": "G IH1 F",
        "yaml": "Y AE1 M AH0 L", "lidar": "L AY1 D AA2 R", "captcha": "K AE1 P CH AH0",
    ].mapValues(Phone.list)

    /// Words with endings, prefixes and two words in one.
    private func taken(apart word: String) -> [Phone]? {
        if let phones = inflected(word) { return phones }
        for (prefix, sounds) in Self.prefixes where word.hasPrefix(prefix) && word.count > prefix.count + 3 {
            let rest = String(word.dropFirst(prefix.count))
            if let phones = lexicon.pronunciations(of: rest).first ?? inflected(rest) {
                return Phone.list(sounds) + phones
            }
        }
        guard word.count >= 6 else { return nil }
        // The longest first part wins.
        for cut in (3...word.count - 3).reversed() {
            guard let first = lexicon.pronunciations(of: String(word.prefix(cut))).first else { continue }
            let rest = String(word.dropFirst(cut))
            guard let second = lexicon.pronunciations(of: rest).first ?? inflected(rest) else { continue }
            return first + second.map { Phone($0.sound, stress: $0.stress == 1 ? 2 : $0.stress) }
        }
        return nil
    }

    private func inflected(_ word: String) -> [Phone]? {
        for (ending, sounds, stems) in Self.endings where word.hasSuffix(ending) && word.count > ending.count + 1 {
            let rest = String(word.dropLast(ending.count))
            for stem in stems {
                var candidate = rest + stem
                if stem == "2" {
                    // "planned": the last letter is doubled.
                    guard rest.count > 3, rest.suffix(2).first == rest.last else { continue }
                    candidate = String(rest.dropLast())
                } else if stem == "y" {
                    guard rest.hasSuffix("i") else { continue }
                    candidate = rest.dropLast() + "y"
                }
                guard let phones = lexicon.pronunciations(of: candidate).first else { continue }
                return phones + (sounds ?? Self.ending(ending, after: phones))
            }
        }
        return nil
    }

    /// The sounds of plural, possessive and past, which follow the last sound of the word.
    private static func ending(_ ending: String, after phones: [Phone]) -> [Phone] {
        guard let last = phones.last?.sound else { return [] }
        if ending.hasSuffix("ed") {
            switch last {
            case .t, .d: return Phone.list("IH0 D")
            case .p, .k, .f, .s, .sh, .ch, .th: return Phone.list("T")
            default: return Phone.list("D")
            }
        }
        switch last {
        case .s, .z, .sh, .ch, .zh, .jh: return Phone.list("IH0 Z")
        case .p, .t, .k, .f, .th: return Phone.list("S")
        default: return Phone.list("Z")
        }
    }

    private static let endings: [(ending: String, sounds: [Phone]?, stems: [String])] = [
        ("'s", nil, [""]), ("s'", nil, [""]), ("es", nil, ["", "e", "y"]), ("s", nil, [""]),
        ("ed", nil, ["", "e", "2", "y"]),
        ("ing", Phone.list("IH0 NG"), ["", "e", "2"]), ("er", Phone.list("ER0"), ["", "e", "2", "y"]),
        ("ers", Phone.list("ER0 Z"), ["", "e", "2"]), ("est", Phone.list("AH0 S T"), ["", "e", "2", "y"]),
        ("ly", Phone.list("L IY0"), ["", "le", "y"]), ("ness", Phone.list("N AH0 S"), ["", "y"]),
        ("less", Phone.list("L AH0 S"), [""]), ("ful", Phone.list("F AH0 L"), ["", "y"]),
        ("ment", Phone.list("M AH0 N T"), [""]), ("able", Phone.list("AH0 B AH0 L"), ["", "e", "2"]),
        ("ish", Phone.list("IH0 SH"), ["", "e"]), ("ism", Phone.list("IH2 Z AH0 M"), ["", "e"]),
        ("ist", Phone.list("AH0 S T"), ["", "e"]), ("ize", Phone.list("AY2 Z"), [""]),
        ("y", Phone.list("IY0"), ["", "e", "2"]),
        ("'ll", Phone.list("AH0 L"), [""]), ("'ve", Phone.list("AH0 V"), [""]), ("'d", Phone.list("D"), [""]),
        ("'re", Phone.list("ER0"), [""]), ("n't", Phone.list("AH0 N T"), [""]),
    ]
    private static let prefixes: [(String, String)] = [
        ("un", "AH0 N"), ("re", "R IY0"), ("non", "N AA2 N"), ("pre", "P R IY0"), ("anti", "AE2 N T IY0"),
        ("over", "OW2 V ER0"),
        ("under", "AH2 N D ER0"), ("micro", "M AY2 K R OW0"), ("multi", "M AH2 L T IY0"), ("inter", "IH2 N T ER0"),
        ("super", "S UW2 P ER0"), ("auto", "AO2 T OW0"), ("mis", "M IH0 S"), ("dis", "D IH0 S"), ("out", "AW2 T"),
        ("sub", "S AH2 B"), ("de", "D IY0"), ("bio", "B AY2 OW0"), ("geo", "JH IY2 OW0"), ("tele", "T EH2 L AH0"),
    ]
    private static let letterNames: [Character: String] = [
        "a": "EY1", "b": "B IY1", "c": "S IY1", "d": "D IY1", "e": "IY1", "f": "EH1 F", "g": "JH IY1", "h": "EY1 CH",
        "i": "AY1", "j": "JH EY1", "k": "K EY1", "l": "EH1 L", "m": "EH1 M", "n": "EH1 N", "o": "OW1", "p": "P IY1",
        "q": "K Y UW1", "r": "AA1 R", "s": "EH1 S", "t": "T IY1", "u": "Y UW1", "v": "V IY1",
        "w": "D AH1 B AH0 L Y UW0",
        "x": "EH1 K S", "y": "W AY1", "z": "Z IY1",
    ]
}
