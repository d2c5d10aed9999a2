/// What a job tells while it runs, in this order: it began, then segments and how far it is.
///
/// A segment that was told is never taken back.
package enum TranscriptNews: Sendable, Hashable {
    /// The recording has been read; it is so many seconds long.
    case began(duration: Double)
    case segment(TranscriptPiece)
    /// Seconds of the recording that are done.
    case reached(Double)
}

/// A final segment and what it adds to the answer.
package struct TranscriptPiece: Sendable, Hashable {
    package var segment: SpokenSegment
    /// Joined, these are the text of the whole answer.
    package var delta: String
    /// Joined, with the result's `tail` behind them, these are the body in a format that is not JSON; empty for JSON.
    package var body: String

    package init(segment: SpokenSegment, delta: String, body: String = "") {
        (self.segment, self.delta, self.body) = (segment, delta, body)
    }
}

/// A stretch of speech, with its times in seconds from the start of the recording.
package struct SpokenSegment: Sendable, Hashable {
    /// 0-based.
    package var id: Int
    package var start: Double
    package var end: Double
    package var text: String
    /// A letter or a known name, where speakers are told apart.
    package var speaker: String?
    package var logProbabilities: [TokenLikelihood]

    package init(
        id: Int,
        start: Double,
        end: Double,
        text: String,
        speaker: String? = nil,
        logProbabilities: [TokenLikelihood] = []
    ) {
        (self.id, self.start, self.end, self.text) = (id, start, end, text)
        (self.speaker, self.logProbabilities) = (speaker, logProbabilities)
    }
}

/// A token of the text and the logarithm of its probability.
package struct TokenLikelihood: Sendable, Hashable {
    package var token: String
    package var bytes: [UInt8]
    package var logProbability: Float

    package init(token: String, bytes: [UInt8], logProbability: Float) {
        (self.token, self.bytes, self.logProbability) = (token, bytes, logProbability)
    }
}
