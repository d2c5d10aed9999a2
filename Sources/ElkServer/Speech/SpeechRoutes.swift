import ElkWire
import HTTPTypes
import Hummingbird
import Synchronization

/// `POST /v1/audio/transcriptions` and `POST /v1/audio/translations`.
struct SpeechRoutes: Sendable {
    let configuration: ServerConfiguration
    let transcriber: any Transcriber
    let places: SpeechPlaces

    @Sendable func transcribe(_ request: Request, _ context: ServerContext) async throws -> Response {
        try await answer(request, context, task: .transcribe)
    }

    @Sendable func translate(_ request: Request, _ context: ServerContext) async throws -> Response {
        try await answer(request, context, task: .translate)
    }

    private func answer(
        _ request: Request,
        _ context: ServerContext,
        task: TranscriptionJob.Task
    ) async throws -> Response {
        guard places.take() else { throw Failure.tooManyUploads }
        defer { places.giveBack() }

        let models = await transcriber.models()
        guard !models.isEmpty else { throw Failure.noModel }
        let form = TranscriptionForm(models: Set(models.map(\.id)), languageCode: transcriber.languageCode)
        var upload = Upload(form: form, configuration: configuration, logger: context.logger)
        try await upload.read(request, context)

        let (filename, fields) = (upload.filename, upload.form)
        return try await upload.audio.withAudio { audio in
            let job = try fields.job(task, audio: audio, filename: filename)
            context.record.update { $0.model = job.model }
            let result = try await run(job, context)
            context.record.update { $0.audioSeconds = result.duration }
            return Response(
                status: .ok,
                headers: [.contentType: Self.contentType(of: job.format, accepting: request.headers[.accept])],
                body: ResponseBody(byteBuffer: result.body)
            )
        }
    }

    /// The client's leaving stops the work.
    private func run(_ job: TranscriptionJob, _ context: ServerContext) async throws -> TranscriptionResult {
        guard let presence = await ClientPresenceHandler.presence(on: context.channel) else { throw ClientGone() }
        return try await presence.whilePresent { [transcriber] in try await transcriber.transcribe(job) }
    }

    private static func contentType(of format: TranscriptionJob.Format, accepting accept: String?) -> String {
        switch format {
        case .json, .verboseJSON: "application/json"
        case .vtt where accept?.lowercased().contains("text/vtt") == true: "text/vtt; charset=utf-8"
        case .text, .srt, .vtt: "text/plain; charset=utf-8"
        }
    }
}

/// Bounds how many speech requests upload, wait or run at the same time, and with them memory and disk.
final class SpeechPlaces: Sendable {
    private let free: Mutex<Int>

    init(_ count: Int) {
        free = Mutex(count)
    }

    func take() -> Bool {
        free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
    }

    func giveBack() {
        free.withLock { $0 += 1 }
    }
}
