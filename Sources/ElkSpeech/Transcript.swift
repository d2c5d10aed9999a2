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
    /// Share of the speech that was detected which lies inside of a segment; nil when nobody looked for speech.
    public var coverage: Double?
    /// Segments that were left out as made up.
    public var droppedSegments = 0

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

    /// Codes of the languages spoken, the first one heard first.
    public var languages: [String] {
        segments.reduce(into: []) { found, segment in
            let code = segment.language ?? language
            if !found.contains(code) { found.append(code) }
        }
    }

    /// Log-probabilities of all tokens of the text, when they were asked for.
    public var logProbabilities: [TokenLogProbability]? {
        let all = segments.compactMap(\.logProbabilities)
        return all.count == segments.count && !all.isEmpty ? Array(all.joined()) : nil
    }
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
    /// Code of the language spoken here, when every window was asked for its own.
    public var language: String?
    /// Those of the text tokens, when they were asked for: their texts joined are the segment's.
    public var logProbabilities: [TokenLogProbability]?

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
        words: [Word]? = nil,
        language: String? = nil,
        logProbabilities: [TokenLogProbability]? = nil
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
        self.language = language
        self.logProbabilities = logProbabilities
    }
}

/// A token of the text and how likely it was after everything before it, in the try that was chosen.
public struct TokenLogProbability: Sendable, Hashable {
    /// Broken UTF-8, as of a character in several tokens, is U+FFFD here.
    public var token: String
    public var bytes: [UInt8]
    /// Natural logarithm; before any temperature, among the tokens that the rules allowed.
    public var logProbability: Float

    public init(token: String, bytes: [UInt8], logProbability: Float) {
        self.token = token
        self.bytes = bytes
        self.logProbability = logProbability
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
