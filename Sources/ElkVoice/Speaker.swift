package import ElkSpeech

/// A voice and the sounds of the language it speaks: text in, samples out, one part of a text after the other.
package final class Speaker: Sendable {
    /// Seconds of silence behind every part.
    private static let pause = 0.12

    package let voice: Voice
    private let english: EnglishPhonemes

    /// - Parameter folder: with `voice.onnx`, `voice.json` and `lexicon.dict`.
    package convenience init(folder: String, threads: Int = 0) throws(ModelError) {
        self.init(
            try Voice(weights: "\(folder)/voice.onnx", configuration: "\(folder)/voice.json", threads: threads),
            lexicon: try Lexicon(path: "\(folder)/lexicon.dict")
        )
    }

    package init(_ voice: Voice, lexicon: Lexicon) {
        self.voice = voice
        english = EnglishPhonemes(lexicon)
    }

    /// IPA of one part of a text.
    package func phonemes(of part: String) -> String { english.phonemes(of: part) }

    /// The samples of one part and the pause behind it, nil when cancelled.
    ///
    /// The same text sounds the same each time.
    package func speak(_ part: String, speed: Double, isCancelled: () -> Bool = { false }) -> [Float]? {
        var options = Voice.Options()
        options.speed = speed
        options.seed = part.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let phonemes = phonemes(of: part)
        guard !phonemes.isEmpty else { return [] }
        guard let samples = voice.speak(phonemes, options: options, isCancelled: isCancelled) else { return nil }
        let pause = Int(Self.pause / speed * Double(voice.sampleRate))
        return samples + [Float](repeating: 0, count: pause)
    }
}
