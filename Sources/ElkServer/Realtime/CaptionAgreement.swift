/// Decides what of a turn's drafts can be told while it is still spoken.
///
/// The policy LocalAgreement-2 (Liu et al. 2020, "Low-Latency Sequence-to-Sequence Speech Recognition"): whole words at the start that
/// two drafts in a row have in common, whatever their case and marks. What was told is never taken back; where a later text has other
/// words for it, that goes on behind them.
struct CaptionAgreement {
    private(set) var told = ""
    private var toldKeys: [String] = []
    private var lastDraft: [CaptionWord] = []
    private var final = ""

    /// Takes the text of what has been heard so far.
    ///
    /// - Returns: what can be told now.
    mutating func take(draft: String) -> String {
        let words = CaptionWord.words(of: draft)
        defer { lastDraft = words }
        let agreed = zip(words, lastDraft).prefix { $0.key == $1.key }.count
        // The last word of either may be half of one.
        return tell(words.prefix(max(0, min(agreed, words.count - 1, lastDraft.count - 1))))
    }

    /// Takes a piece of the text of the whole turn.
    ///
    /// - Returns: what of it has not been told.
    mutating func take(final piece: String) -> String {
        final += piece
        return tell(CaptionWord.words(of: final)[...])
    }

    /// Tells what of `words`, which the text begins with, lies behind what was told.
    private mutating func tell(_ words: ArraySlice<CaptionWord>) -> String {
        let new = words.dropFirst(Self.length(of: toldKeys, in: words.map(\.key)))
        let text = new.map(\.text).joined()
        toldKeys += new.map(\.key)
        told += text
        return text
    }

    /// How many of `words`, from the first on, say what `told` does: as many as need the fewest words put in, left out or changed
    /// (Levenshtein 1966); of several
    /// those that end alike, then the nearest to its own number.
    private static func length(of told: [String], in words: [String]) -> Int {
        var costs = Array(0...words.count)
        for (row, key) in told.enumerated() {
            var diagonal = costs[0]
            costs[0] = row + 1
            for (column, word) in words.enumerated() {
                let above = costs[column + 1]
                costs[column + 1] = min(diagonal + (word == key ? 0 : 1), above + 1, costs[column] + 1)
                diagonal = above
            }
        }
        func rank(_ length: Int) -> (Int, Int, Int) {
            let endsAlike = length > 0 && words[length - 1] == told.last
            return (costs[length], endsAlike ? 0 : 1, abs(length - told.count))
        }
        return costs.indices.min { rank($0) < rank($1) } ?? 0
    }
}

/// A word with the space before it and its marks; a character of a script that puts no spaces between words.
private struct CaptionWord {
    var text: String
    /// What makes it the same word: no case, and marks only where there is nothing else.
    var key: String

    static func words(of text: String) -> [CaptionWord] {
        var words: [String] = []
        var isOpen = false
        for character in text {
            let last = words.last?.last
            let begins =
                character.isWhitespace
                ? last?.isWhitespace != true : isOpen && (last?.needsNoSpaces == true || character.needsNoSpaces)
            if words.isEmpty || begins {
                words.append(String(character))
            } else {
                words[words.count - 1].append(character)
            }
            isOpen = !character.isWhitespace
        }
        // Space at the end is no word.
        if words.count > 1, words[words.count - 1].allSatisfy(\.isWhitespace) {
            let space = words.removeLast()
            words[words.count - 1] += space
        }
        return words.map { word in
            let plain = word.lowercased().filter { $0.isLetter || $0.isNumber }
            return CaptionWord(text: word, key: plain.isEmpty ? word.filter { !$0.isWhitespace } : plain)
        }
    }
}

extension Character {
    /// Whether it is of a script that puts no spaces between words.
    fileprivate var needsNoSpaces: Bool {
        switch unicodeScalars.first?.value ?? 0 {
        case 0x0E00...0x0EFF, 0x1780...0x17FF, 0x3040...0x30FF, 0x3400...0x9FFF, 0x20000...0x3FFFF: true
        default: false
        }
    }
}
