/// How a part of a text is said, and which sounds are whose.
package struct Pronunciation: Sendable, Hashable {
    package struct Word: Sendable, Hashable {
        /// As it was written.
        package var text: String
        /// Its place among the Unicode scalars of `ipa`.
        package var sounds: Range<Int>
    }

    /// With the marks that shape the tune.
    package private(set) var ipa = ""
    package private(set) var words: [Word] = []
    private var count = 0

    /// Sounds of a word, or of a part of the word before, which then grows.
    mutating func append(_ sounds: String, of text: String, continuesWord: Bool = false) {
        let start = count
        append(sounds)
        if continuesWord, let last = words.indices.last {
            words[last].sounds = words[last].sounds.lowerBound..<count
        } else {
            words.append(Word(text: text, sounds: start..<count))
        }
    }

    /// A mark or a space.
    mutating func append(_ text: String) {
        ipa += text
        count += text.unicodeScalars.count
    }
}
