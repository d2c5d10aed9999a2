/// What a recording says: its language and the segments in order.
public struct Transcript: Sendable, Hashable {
    public enum Task: String, Sendable, Hashable {
        case transcribe
        case translate
    }

    public var task: Task
    /// Two- or three-letter code of the language spoken (of the source when translating).
    public var language: String
    /// Probability of `language` when it was detected, nil when the caller named it.
    public var languageProbability: Float?
    /// Length of the recording in seconds.
    public var duration: Double
    public var segments: [Segment]

    public init(
        task: Task,
        language: String,
        languageProbability: Float? = nil,
        duration: Double,
        segments: [Segment]
    ) {
        self.task = task
        self.language = language
        self.languageProbability = languageProbability
        self.duration = duration
        self.segments = segments
    }

    /// Everything that was said: the texts of the segments joined, without white space around them.
    public var text: String { segments.map(\.text).joined().trimmed }
}

/// A stretch of speech with its times, in seconds from the start of the recording.
public struct Segment: Sendable, Hashable {
    /// 0-based number within the transcript.
    public var id: Int
    /// Start of the window that the segment was decoded in, in frames of 10 ms.
    public var seek: Int
    public var start: Double
    public var end: Double
    /// Text as decoded: keeps its leading space.
    public var text: String
    /// Tokens as decoded, timestamp tokens included.
    public var tokens: [Int]
    /// Temperature of the accepted try.
    public var temperature: Float
    public var averageLogProbability: Float
    /// UTF-8 bytes of the window's text divided by their length after zlib.
    public var compressionRatio: Float
    public var noSpeechProbability: Float
    /// Present when word times were asked for.
    public var words: [Word]?

    public init(
        id: Int,
        seek: Int,
        start: Double,
        end: Double,
        text: String,
        tokens: [Int],
        temperature: Float,
        averageLogProbability: Float,
        compressionRatio: Float,
        noSpeechProbability: Float,
        words: [Word]? = nil
    ) {
        self.id = id
        self.seek = seek
        self.start = start
        self.end = end
        self.text = text
        self.tokens = tokens
        self.temperature = temperature
        self.averageLogProbability = averageLogProbability
        self.compressionRatio = compressionRatio
        self.noSpeechProbability = noSpeechProbability
        self.words = words
    }
}

/// One word with its times in seconds and the mean probability of its tokens.
public struct Word: Sendable, Hashable {
    /// Text as decoded: keeps its leading space and merged punctuation.
    public var text: String
    public var start: Double
    public var end: Double
    public var probability: Float

    public init(text: String, start: Double, end: Double, probability: Float) {
        self.text = text
        self.start = start
        self.end = end
        self.probability = probability
    }
}
