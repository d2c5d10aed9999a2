import ElkGateway
import ElkSpeech
import Synchronization

/// Tells what a job hears as it hears it, and makes the answer at its end.
///
/// For one thread: the job's.
final class TranscriptTeller {
    private let job: TranscriptionJob
    private let duration: Double
    private let report: (TranscriptNews) -> Void
    private var stream: SegmentStream?
    private var pieces = TextPieces()
    private var hasHeader = false
    /// Segments that were told, and their tokens.
    private var count = 0
    private var tokens = 0

    init(_ job: TranscriptionJob, duration: Double, report: @escaping (TranscriptNews) -> Void) {
        self.job = job
        self.duration = duration
        self.report = report
        stream = TranscriptFormat(job.format).map { SegmentStream($0, duration: duration, joinsText: true) }
    }

    func begin() {
        report(.began(duration: duration))
    }

    func reach(_ seconds: Double) {
        report(.reached(seconds))
    }

    func tell(_ segment: Segment, speaker: String? = nil) {
        let delta = pieces.add(segment.text)
        let body = header() + (stream?.text(of: segment) ?? "")
        let likelihoods = (segment.logProbabilities ?? []).map(TokenLikelihood.init)
        let spoken = SpokenSegment(
            id: count,
            start: segment.start,
            end: segment.end,
            text: segment.text,
            speaker: speaker,
            logProbabilities: likelihoods
        )
        count += 1
        tokens += segment.tokens.count
        report(.segment(TranscriptPiece(segment: spoken, delta: delta, body: body)))
    }

    /// The answer of a job without speakers.
    func result(_ transcript: Transcript) -> TranscriptionResult {
        let format = TranscriptFormat(job.format) ?? .json
        return TranscriptionResult(
            rendered: format.rendered(transcript, segments: job.wantsSegments, words: job.wantsWords),
            duration: transcript.duration,
            text: transcript.text,
            tail: header() + (stream?.end() ?? ""),
            logProbabilities: (transcript.logProbabilities ?? []).map(TokenLikelihood.init),
            tokens: tokens
        )
    }

    /// The answer of a job that tells speakers apart.
    func result(_ dialogue: Dialogue) -> TranscriptionResult {
        TranscriptionResult(
            rendered: dialogue.json,
            duration: dialogue.duration,
            text: dialogue.text,
            tokens: tokens
        )
    }

    private func header() -> String {
        defer { hasHeader = true }
        return hasHeader ? "" : stream?.header ?? ""
    }
}

extension TokenLikelihood {
    init(_ token: TokenLogProbability) {
        self.init(token: token.token, bytes: token.bytes, logProbability: token.logProbability)
    }
}

extension TranscriptFormat {
    /// Nil for the format with speakers, which is no form of one transcript.
    init?(_ format: TranscriptionJob.Format) {
        switch format {
        case .json: self = .json
        case .text: self = .text
        case .srt: self = .srt
        case .verboseJSON: self = .verboseJSON
        case .vtt: self = .vtt
        case .diarizedJSON: return nil
        }
    }
}
