import ElkGateway
import ElkProviders
import ElkWire
import HTTPTypes
import HummingbirdCore
import NIOCore

/// `GET /v1/realtime`: sessions over a WebSocket, by a provider of realtime models or, to transcribe, by the local engine.
struct RealtimeRoutes: Sendable {
    let gateway: Gateway
    let ephemeralKeys: EphemeralKeys
    let transcriber: any Transcriber
    let places: SpeechPlaces

    func answer(_ request: Request, _ target: RequestTarget, _ context: RequestContext) async throws -> Answer {
        let (client, identity, opening) = try await recognise(request, target, context)
        let offer = try WebSocketOffer(request.headers)
        if identity.isAnybody { try checkOrigin(request) }
        let wish = try await Wish(target.query, offer, request, opening, local: Set(transcriber.models().map(\.id)))
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
                local: place == nil ? .none : wish.isLocal ? .named : .instead,
                opening: opening
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

    /// Who asks, and what the session of an ephemeral key begins with.
    private func recognise(
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> (Client, Gateway.Identity, RealtimeOpening?) {
        let sender = try context.client(request, target)
        let (client, opening) = try await ephemeralKeys.holder(sender) ?? (sender, nil)
        return (client, try context.recognise(client, by: gateway), opening)
    }

    private func local(
        _ wish: Wish,
        _ place: SpeechPlaces.Place,
        _ client: Client,
        _ offer: WebSocketOffer,
        _ context: RequestContext
    ) throws -> Answer {
        guard let model = wish.localModel else { throw Failure.unknownModel(wish.model) }
        var settings = RealtimeSettings(model: model)
        var shape = wish.isBeta ? RealtimeSettings.Shape.beta : .current
        if let opening = wish.opening {
            shape = try settings.update(
                opening.session,
                models: wish.locals,
                languageCode: transcriber.languageCode
            )
        }
        try gateway.check(settings.model, for: client)
        context.record.update { $0.model = settings.model }
        let session = RealtimeSession(
            settings: settings,
            shape: shape,
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

    /// The local model for whoever names none.
    static func standardModel(of models: Set<String>) -> String? {
        models.contains("whisper-1") ? "whisper-1" : models.sorted().first
    }

    /// What a client wants, by its address and headers, and by what its key is for.
    private struct Wish {
        let model: String
        let isBeta: Bool
        let transcribes: Bool
        let opening: RealtimeOpening?
        /// Models of the local engine.
        let locals: Set<String>
        /// The local model that could hold the session.
        let localModel: String?

        init(
            _ query: RequestQuery,
            _ offer: WebSocketOffer,
            _ request: Request,
            _ opening: RealtimeOpening?,
            local models: Set<String>
        ) throws(Failure) {
            let standard = RealtimeRoutes.standardModel(of: models)
            guard let model = query["model"] ?? opening?.model ?? standard else { throw .noModel }
            guard models.contains(model) || ModelName.isValid(model) else { throw .invalidModel }
            self.model = model
            isBeta =
                request.headers[.openAIBeta]?.contains("realtime=v1") == true
                || offer.protocols.contains("openai-beta.realtime-v1")
            transcribes = query["intent"] == "transcription" || opening?.isTranscription == true
            self.opening = opening
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
    private func checkOrigin(_ request: Request) throws(Failure) {
        guard let origin = request.headers[.origin] else { return }
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
