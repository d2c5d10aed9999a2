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

    /// Letters and digits of another shape: as wide as an ideograph, bold, in a circle.
    private static func narrow(_ character: Character) -> String? {
        guard let value = character.unicodeScalars.first?.value else { return nil }
        let plain: UInt32? =
            switch value {
            case 0xFF01...0xFF5E: value - 0xFF01 + 0x21
            case 0x24B6...0x24CF: value - 0x24B6 + 0x41
            case 0x24D0...0x24E9: value - 0x24D0 + 0x61
            // The letters of mathematics stand style by style, capitals before small ones.
            case 0x1D400...0x1D6A3:
                (value - 0x1D400) % 52 < 26 ? (value - 0x1D400) % 52 + 0x41 : (value - 0x1D400) % 52 - 26 + 0x61
            case 0x1D7CE...0x1D7FF: (value - 0x1D7CE) % 10 + 0x30
            default: nil
            }
        return plain.flatMap(Unicode.Scalar.init).map { String(Character($0)) }
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
