import ElkGateway
import ElkProviders
import ElkWire
import HTTPTypes
import HummingbirdCore
import NIOCore

/// `GET /v1/realtime`: sessions over a WebSocket, by a provider of realtime models or, to transcribe, by the local engine.
struct RealtimeRoutes: Sendable {
    let gateway: Gateway
    let transcriber: any Transcriber
    let places: SpeechPlaces

    func answer(_ request: Request, _ target: RequestTarget, _ context: RequestContext) async throws -> Answer {
        let (client, _) = try context.recognise(request, target, by: gateway)
        let offer = try WebSocketOffer(request.headers)
        try checkOrigin(request, client)
        let wish = try await Wish(target.query, offer, request, local: Set(transcriber.models().map(\.id)))
        context.record.update { $0.model = wish.model }
        // The place goes with the session, or back at once when a provider holds it.
        let place = wish.localModel == nil ? nil : SpeechPlaces.Place(places)
        guard wish.mayBeRelayed else {
            guard let place else { throw Failure.tooManyUploads }
            return try local(wish, place, client, offer, context)
        }
        try context.connection.presence.beginWork()
        defer { context.connection.presence.endWork() }
        let found: Gateway.RealtimePlace
        do throws(Failure) {
            found = try await gateway.openRealtime(
                wish.call(request, context),
                from: client,
                local: place == nil ? .none : wish.isLocal ? .named : .instead
            )
        } catch {
            // Nobody but the engine could, and it has its hands full.
            let isNowhere = error.kind == .notFound || error.code == "unsupported_endpoint"
            if wish.localModel != nil, place == nil, isNowhere { throw Failure.tooManyUploads }
            throw error
        }
        switch found {
        case .relayed(let relay):
            return offer.answer(RelayedSession(relay: relay))
        case .local:
            guard let place else { throw Failure.tooManyUploads }
            return try local(wish, place, client, offer, context)
        }
    }

    private func local(
        _ wish: Wish,
        _ place: SpeechPlaces.Place,
        _ client: Client,
        _ offer: WebSocketOffer,
        _ context: RequestContext
    ) throws -> Answer {
        guard let model = wish.localModel else { throw Failure.unknownModel(wish.model) }
        try gateway.check(model, for: client)
        context.record.update { $0.model = model }
        let session = RealtimeSession(
            settings: RealtimeSettings(model: model),
            isBeta: wish.isBeta,
            models: wish.locals,
            client: client,
            gateway: gateway,
            transcriber: transcriber,
            logger: context.logger,
            place: place
        )
        return offer.answer(session)
    }

    /// What a client wants, by its address and headers.
    private struct Wish {
        let model: String
        let isBeta: Bool
        let transcribes: Bool
        /// Models of the local engine.
        let locals: Set<String>
        /// The local model that could hold the session.
        let localModel: String?

        init(
            _ query: RequestQuery,
            _ offer: WebSocketOffer,
            _ request: Request,
            local models: Set<String>
        ) throws(Failure) {
            let standard = models.contains("whisper-1") ? "whisper-1" : models.sorted().first
            guard let model = query["model"] ?? standard else { throw .noModel }
            guard models.contains(model) || ModelName.isValid(model) else { throw .invalidModel }
            self.model = model
            isBeta =
                request.headers[.openAIBeta]?.contains("realtime=v1") == true
                || offer.protocols.contains("openai-beta.realtime-v1")
            transcribes = query["intent"] == "transcription"
            locals = models
            // A client that only wants its words written may name the model of the talk, which there is none of here.
            localModel = models.contains(model) ? model : transcribes ? standard : nil
        }

        /// A model of this machine without the wish to transcribe alone is held here, as no provider holds a talk with it.
        var mayBeRelayed: Bool { transcribes || !isLocal }
        var isLocal: Bool { locals.contains(model) }

        func call(_ request: Request, _ context: RequestContext) -> Call {
            var headers = CallReader.passedOn(request.headers)
            // Browsers can say it among the protocols alone.
            if isBeta, !headers.contains(where: { $0.name == "openai-beta" }) {
                headers.append(("openai-beta", "realtime=v1"))
            }
            return Call(
                id: context.requestID,
                endpoint: .realtime,
                dialect: .openAI,
                model: model,
                streams: true,
                body: .form(MultipartForm(parts: [])),
                headers: headers,
                query: transcribes ? "intent=transcription" : nil
            )
        }
    }

    /// Any page in a browser may open a WebSocket to this machine; without a key only our own pages are let in.
    private func checkOrigin(_ request: Request, _ client: Client) throws(Failure) {
        guard client.credential == nil, let origin = request.headers[.origin] else { return }
        let authority = request.head.authority ?? ""
        guard origin.lowercased().hasSuffix("://" + authority.lowercased()), !authority.isEmpty else {
            throw Failure(
                status: 403,
                type: "invalid_request_error",
                message: "Pages of other sites need an API key here.",
                code: "origin_not_allowed"
            )
        }
    }
}
