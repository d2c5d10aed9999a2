import ElkGateway
import ElkProviders
import ElkWire
import HTTPTypes
import HummingbirdCore
import NIOCore
import Synchronization

/// `POST /v1/audio/transcriptions` and `POST /v1/audio/translations`.
///
/// The local engine is one more channel: where both it and a provider know the model, the gateway's plan decides.
struct SpeechRoutes: Sendable {
    let configuration: ServerConfiguration
    let gateway: Gateway
    let transcriber: any Transcriber
    let jobs: AudioJobs
    let places: SpeechPlaces

    func answer(
        _ task: TranscriptionJob.Task,
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Answer {
        let (client, identity) = try context.recognise(request, target, by: gateway)
        let wish = AsyncWish(request.headers, target.query)
        guard wish != .demanded || jobs.isOpen else { throw Failure.noJobs }
        guard places.take() else { throw Failure.tooManyUploads }
        defer { places.giveBack() }

        let endpoint: Endpoint = task == .transcribe ? .transcriptions : .translations
        let models = await transcriber.models()
        let mayGoUpstream = gateway.hasUpstream(for: endpoint)
        guard !models.isEmpty || mayGoUpstream else { throw Failure.noModel }
        let form = TranscriptionForm(
            models: Set(models.map(\.id)),
            mayGoUpstream: mayGoUpstream,
            languageCode: transcriber.languageCode
        )
        var upload = Upload(form: form, configuration: configuration, logger: context.logger)
        try await upload.read(request, context)

        let read = upload
        return try await read.audio.withAudio { audio in
            let job = try read.form.job(
                task,
                audio: audio,
                filename: read.filename,
                accepting: request.headers[.accept]
            )
            let model = try read.form.requireModel()
            context.record.update { $0.model = model }
            if wish != .none, jobs.isOpen, let job {
                let owner = AudioJob.Owner(keyID: identity.keyID)
                return try await begin(job, read, from: client, owner: owner, wish, context)
            }
            guard wish != .demanded else { throw Failure.notLocal(model) }
            let call = Call(
                id: context.requestID,
                endpoint: endpoint,
                dialect: context.dialect,
                model: model,
                streams: job?.streams ?? read.wantsStream,
                body: .form(try await read.multipart(withContent: mayGoUpstream)),
                headers: CallReader.passedOn(request.headers)
            )
            try context.connection.presence.beginWork()
            return Answer(try await gateway.handle(call, from: client, local: job, uploadBytes: read.audio.count))
        }
    }
}

extension SpeechRoutes {
    /// Takes the request on as a job, which the client asks for later.
    private func begin(
        _ order: TranscriptionJob,
        _ upload: Upload,
        from client: Client,
        owner: AudioJob.Owner,
        _ wish: AsyncWish,
        _ context: RequestContext
    ) async throws(Failure) -> Answer {
        let webhook = upload.form.webhookURL
        if let webhook { try jobs.checkWebhook(webhook) }
        let call = Call(
            id: context.requestID,
            endpoint: order.task == .translate ? .translations : .transcriptions,
            dialect: context.dialect,
            model: order.model,
            streams: false,
            body: .form(MultipartForm(parts: []))
        )
        let view = try await jobs.submit(
            order,
            as: call,
            from: client,
            owner: owner,
            uploadBytes: upload.audio.count,
            webhookURL: webhook
        )
        var answer = Answer(json: view.json(), status: .accepted)
        answer.headers[.location] = "/v1/audio/jobs/\(view.job.id)"
        if wish == .preferred { answer.headers[.preferenceApplied] = "respond-async" }
        return answer
    }
}

extension Upload {
    /// Whether the client asks for the transcript piece by piece, which providers can do.
    fileprivate var wantsStream: Bool {
        fields.last { $0.name == "stream" }?.value.lowercased() == "true"
    }

    /// The form as a provider takes it.
    ///
    /// - Parameter withContent: false where no provider can come to see it, which spares the memory.
    fileprivate func multipart(withContent: Bool) async throws -> MultipartForm {
        var parts = fields.map { MultipartForm.Part(name: $0.name, content: ByteBuffer(string: $0.value)) }
        parts.append(
            MultipartForm.Part(
                name: "file",
                filename: filename ?? "audio",
                contentType: contentType,
                content: withContent ? try await audio.content() : ByteBuffer()
            )
        )
        return MultipartForm(parts: parts)
    }
}

/// Bounds how many speech requests upload, wait or run at the same time, and with them memory and disk.
final class SpeechPlaces: Sendable {
    /// One that was taken, and is given back with the last reference to this.
    final class Place: Sendable {
        private let places: SpeechPlaces

        /// Nil when none is free.
        init?(_ places: SpeechPlaces) {
            guard places.take() else { return nil }
            self.places = places
        }

        deinit { places.giveBack() }
    }

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
