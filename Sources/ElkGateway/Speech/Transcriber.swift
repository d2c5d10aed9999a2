package import ElkWire
package import NIOCore

/// The local speech engine, as the gateway sees it.
///
/// `elk` implements it on ElkSpeech; tests script it.
package protocol Transcriber: Sendable {
    /// Local models that can be asked for now, aliases such as `whisper-1` included.
    func models() async -> [LocalModel]

    /// Code of the Whisper language that a client means with `text`: a code or an English name in any case. Nil for
    /// all else.
    func languageCode(for text: String) -> String?

    /// Turns a recording into a finished body of the asked format.
    ///
    /// Cancelling the task stops the work within one decoder step, or before that within what a minute of audio takes.
    ///
    /// - Parameter report: told of each segment as soon as it is final, on the engine's thread: it must not block.
    func transcribe(
        _ job: TranscriptionJob,
        report: @escaping @Sendable (TranscriptNews) -> Void
    ) async throws(Failure) -> TranscriptionResult

    /// A new watch over live audio, for one session.
    func voiceWatch() async -> any VoiceWatch
}

extension Transcriber {
    /// The same without news.
    package func transcribe(_ job: TranscriptionJob) async throws(Failure) -> TranscriptionResult {
        try await transcribe(job, report: { _ in })
    }
}

/// Hears in live audio whether somebody speaks.
///
/// One session's, one call at a time.
package protocol VoiceWatch: Sendable {
    /// Probability of speech, one for every 512 samples (16 kHz mono); what does not fill them waits for the next call.
    func probabilities(of samples: [Float]) -> [Float]
}

package struct LocalModel: Sendable, Hashable {
    package var id: String
    /// Unix seconds.
    package var created: Int
    package var ownedBy: String

    package init(id: String, created: Int, ownedBy: String) {
        self.id = id
        self.created = created
        self.ownedBy = ownedBy
    }
}

/// One checked request: every field has been read and validated but for what only the model or the audio can tell.
package struct TranscriptionJob: Sendable {
    package enum Task: String, Sendable { case transcribe, translate }
    package enum Format: String, Sendable, CaseIterable {
        case json, text, srt
        case verboseJSON = "verbose_json"
        case vtt
        case diarizedJSON = "diarized_json"

        /// Whether a streamed answer is made of events, rather than of pieces of the body.
        package var streamsEvents: Bool {
            switch self {
            case .json, .verboseJSON, .diarizedJSON: true
            case .text, .srt, .vtt: false
            }
        }
    }

    /// As a stream has it: clients that ask for one wait for events, which for plain text are those of `json`.
    package var streamed: TranscriptionJob {
        var job = self
        if format == .text { job.format = .json }
        return job
    }

    package enum Audio: Sendable {
        case memory(ByteBuffer)
        /// 16 kHz mono.
        case samples([Float])
        /// A file that the server made and that is gone after the job. It may be a path below `/proc/self/fd`.
        case file(path: String)
    }

    package var audio: Audio
    package var filename: String?
    package var model: String
    package var task: Task
    package var format: Format
    /// Code of a known language, nil to detect.
    package var language: String?
    package var prompt: String?
    /// nil or 0: fallback ladder.
    package var temperature: Double?
    package var wantsWords: Bool
    package var wantsSegments: Bool
    package var wantsLogProbabilities = false
    /// Codes of the only languages to expect; empty expects all.
    package var languages: [String] = []
    /// Names and terms to expect.
    package var keywords: [String] = []
    /// What the speakers are called, the first channel's first; letters stand in for missing ones.
    package var speakers: [String] = []
    /// Whether the answer is sent while it is made.
    package var streams = false
    /// Whether it is of a turn that is still spoken: nobody pays for it, and it fails at once when the engine has other work.
    package var isDraft = false
    /// Whether nobody has asked for it yet; like a draft it fails at once when the engine has other work.
    package var isEarly = false
    /// Of the body that is asked for.
    package var contentType: String

    /// Where the work is kept as it goes; with one, nobody waits for the job: it gives way to others.
    package var journal: (any TranscriptionJournal)?

    /// Whether it is a turn of a live session.
    package var isLive: Bool { if case .samples = audio { true } else { false } }

    package init(
        audio: Audio,
        filename: String?,
        model: String,
        task: Task,
        format: Format,
        language: String? = nil,
        prompt: String? = nil,
        temperature: Double? = nil,
        wantsWords: Bool = false,
        wantsSegments: Bool = true,
        contentType: String = "application/json"
    ) {
        self.audio = audio
        self.filename = filename
        self.model = model
        self.task = task
        self.format = format
        self.language = language
        self.prompt = prompt
        self.temperature = temperature
        self.wantsWords = wantsWords
        self.wantsSegments = wantsSegments
        self.contentType = contentType
    }
}

package struct TranscriptionResult: Sendable {
    /// The whole body in the asked format, ready to send.
    package var body: ByteBuffer
    /// Seconds of audio, for usage and logs.
    package var duration: Double
    /// The text alone.
    package var text: String
    /// What follows the bodies of the pieces that were told.
    package var tail: String
    package var logProbabilities: [TokenLikelihood]
    /// Tokens that the model wrote for it, those of times among them.
    package var tokens: Int

    package init(
        body: ByteBuffer,
        duration: Double,
        text: String = "",
        tail: String = "",
        logProbabilities: [TokenLikelihood] = [],
        tokens: Int = 0
    ) {
        (self.body, self.duration, self.tokens) = (body, duration, tokens)
        (self.text, self.tail, self.logProbabilities) = (text, tail, logProbabilities)
    }
}
