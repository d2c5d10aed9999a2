/// Text in, samples out, one part of a text after the other.
package protocol SpeechSynthesizer: Sendable {
    /// Samples a second.
    var sampleRate: Int { get }

    /// Says one part of a text, a sentence as a rule (`SentenceSplitter`), with the pause behind it; nil when cancelled.
    ///
    /// The same text sounds the same each time. Blocking: never call it on the cooperative pool.
    func speak(_ part: String, speed: Double, isCancelled: () -> Bool) throws(VoiceError) -> SpokenPart?
}

/// The sound of one part of a text.
package struct SpokenPart: Sendable {
    /// -1 … 1.
    package var samples: [Float]
    package var words: [SpokenWord]

    package init(samples: [Float] = [], words: [SpokenWord] = []) {
        (self.samples, self.words) = (samples, words)
    }
}

/// A word as it was written, with the marks around it, and when it is said.
///
/// Where a language has no spaces between words it is all that stands between two spaces.
package struct SpokenWord: Sendable, Hashable {
    package var text: String
    /// In seconds from the start of the part.
    package var start: Double
    package var end: Double

    package init(text: String, start: Double, end: Double) {
        (self.text, self.start, self.end) = (text, start, end)
    }
}
