/// eSpeak NG as a voice of its own: clear, not pretty, and at home in any language.
package struct ESpeakSynthesizer: SpeechSynthesizer {
    /// Seconds of silence behind every part.
    private static let pause = 0.12

    package var sampleRate: Int { espeak.sampleRate }
    private let espeak: ESpeak
    private let language: String

    /// - Throws: `VoiceError.unknownLanguage`.
    package init(_ espeak: ESpeak, language: String) throws(VoiceError) {
        try espeak.identifier(of: language)
        (self.espeak, self.language) = (espeak, language)
    }

    package func speak(
        _ part: String,
        speed: Double,
        isCancelled: () -> Bool = { false }
    ) throws(VoiceError) -> SpokenPart? {
        // A part takes some milliseconds.
        guard !isCancelled() else { return nil }
        let (samples, marks) = try espeak.speak(part, in: language, speed: speed)
        let words = Self.words(of: part, marks, duration: Double(samples.count) / Double(sampleRate))
        let pause = Int(Self.pause / speed * Double(sampleRate))
        return SpokenPart(samples: samples + [Float](repeating: 0, count: pause), words: words)
    }

    /// Times of what stands between two spaces: from its first mark to the next word's or the end of the clause.
    ///
    /// The library now and then leaves out the first marks of a text: such words share the time before the first one that has a mark.
    static func words(of part: String, _ marks: [ESpeak.Mark], duration: Double) -> [SpokenWord] {
        var words: [SpokenWord] = []
        var unmarked: [String] = []
        var place = 0
        for piece in part.unicodeScalars.split(
            omittingEmptySubsequences: false,
            whereSeparator: \.properties.isWhitespace
        ) {
            let places = place..<place + piece.count
            place += piece.count + 1
            guard let first = marks.firstIndex(where: { $0.isWord && places.contains($0.position) }) else {
                guard !piece.isEmpty else { continue }
                // What has no sound of its own, such as a dash, stays with the word before it.
                if let last = words.indices.last {
                    words[last].text += " \(String(piece))"
                } else {
                    unmarked.append(String(piece))
                }
                continue
            }
            let end = marks[(first + 1)...].first { !$0.isWord || $0.position >= places.upperBound }
            let start = min(marks[first].seconds, duration)
            for (index, word) in unmarked.enumerated() {
                let share = start / Double(unmarked.count)
                words.append(SpokenWord(text: word, start: share * Double(index), end: share * Double(index + 1)))
            }
            unmarked = []
            words.append(
                SpokenWord(text: String(piece), start: start, end: max(start, min(end?.seconds ?? duration, duration)))
            )
        }
        return words
    }
}
