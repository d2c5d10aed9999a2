import ElkGateway
import ElkWire
import NIOCore
import Synchronization

/// An engine that answers at once, or as a test says, and remembers what it was asked.
final class FakeTranscriber: Transcriber {
    typealias Work = @Sendable (TranscriptionJob) async throws(Failure) -> TranscriptionResult

    private let work: Work
    private let news: [TranscriptNews]
    private let available: [LocalModel]
    private let received = Mutex<[TranscriptionJob]>([])

    init(
        models: [LocalModel] = [
            LocalModel(id: "whisper-1", created: 1_700_000_000, ownedBy: "elk"),
            LocalModel(id: "acme/base \"x\"", created: 1, ownedBy: "acme"),
        ],
        news: [TranscriptNews] = [],
        work: @escaping Work = { _ in TranscriptionResult(body: ByteBuffer(string: "done"), duration: 8.5) }
    ) {
        available = models
        self.news = news
        self.work = work
    }

    var jobs: [TranscriptionJob] { received.withLock { $0 } }

    func models() async -> [LocalModel] { available }

    func languageCode(for text: String) -> String? {
        ["en": "en", "english": "en", "de": "de"][text.lowercased()]
    }

    func transcribe(
        _ job: TranscriptionJob,
        report: @escaping @Sendable (TranscriptNews) -> Void
    ) async throws(Failure) -> TranscriptionResult {
        received.withLock { $0.append(job) }
        for item in news { report(item) }
        return try await work(job)
    }

    func voiceWatch() async -> any VoiceWatch { LoudnessWatch() }
}

/// Hears speech wherever samples are loud.
struct LoudnessWatch: VoiceWatch {
    func probabilities(of samples: [Float]) -> [Float] {
        stride(from: 0, to: samples.count - 511, by: 512).map { samples[$0 + 256].magnitude > 0.1 ? 1 : 0 }
    }
}
