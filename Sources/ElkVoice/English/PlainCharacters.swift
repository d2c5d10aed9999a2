/// Characters that are written in several ways, as the one way that is read.
enum PlainCharacters {
    /// A text with plain quotes, minus signs and Latin letters; other characters stay.
    static func text(_ text: some StringProtocol) -> String {
        text.map { signs[$0] ?? ligatures[$0] ?? digit($0) ?? narrow($0) ?? String($0) }.joined()
    }

    /// Letters that English does not have, by those that come closest.
    static func letters(_ word: String) -> String {
        guard !word.utf8.allSatisfy({ $0 < 0x80 }) else { return word }
        return word.map { foreign[$0] ?? unmarked[$0] ?? String($0) }.joined()
    }

    /// A digit without what is drawn over or around it, as on a key.
    private static func digit(_ character: Character) -> String? {
        guard let first = character.unicodeScalars.first, ("0"..."9").contains(first) else { return nil }
        return String(Character(first))
    }

    /// Letters as wide as an ideograph are the ASCII ones, at a distance.
    private static func narrow(_ character: Character) -> String? {
        guard let scalar = character.unicodeScalars.first, 0xFF01...0xFF5E ~= scalar.value else { return nil }
        return Unicode.Scalar(scalar.value - 0xFF01 + 0x21).map { String(Character($0)) }
    }

    private static let signs: [Character: String] = [
        "’": "'", "‘": "'", "ʼ": "'", "`": "'", "“": "\"", "”": "\"", "«": "\"", "»": "\"", "‑": "-", "−": "-",
        "º": "°", "℃": "°C", "℉": "°F",
    ]
    private static let ligatures: [Character: String] = [
        "ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st",
    ]
    /// Letters that are no others with a mark.
    private static let foreign: [Character: String] = [
        "æ": "ae", "œ": "oe", "ø": "o", "ß": "ss", "ł": "l", "đ": "d", "ð": "th", "þ": "th", "ħ": "h", "ı": "i",
        "ĸ": "k", "ŋ": "ng", "ŧ": "t", "ſ": "s", "ə": "a", "ƒ": "f", "ĳ": "ij", "ŀ": "l", "ŉ": "n",
    ]
    /// Letters with one or two marks, by the letter: characters are equal when they are canonically equivalent.
    private static let unmarked: [Character: String] = {
        var table: [Character: String] = [:]
        for letter in "abcdefghijklmnopqrstuvwxyz" {
            for mark in (0x300...0x36F).compactMap(Unicode.Scalar.init) {
                let marked = "\(letter)\(mark)"
                if marked.count == 1 { table[Character(marked)] = String(letter) }
                // Circumflex, breve, horn, diaeresis, tilde and dot below, as in Vietnamese.
                guard [0x302, 0x306, 0x31B, 0x308, 0x303, 0x323].contains(mark.value) else { continue }
                for second in (0x300...0x331).compactMap(Unicode.Scalar.init) {
                    let twice = "\(marked)\(second)"
                    if twice.count == 1 { table[Character(twice)] = String(letter) }
                }
            }
        }
        return table
    }()
}
