import ElkGateway
import ElkWire
import HTTPTypes
import HummingbirdCore
import NIOCore

/// `GET /v1/realtime`: live transcription by the local engine over a WebSocket.
struct RealtimeRoutes: Sendable {
    let gateway: Gateway
    let transcriber: any Transcriber
    let places: SpeechPlaces

    func answer(_ request: Request, _ target: RequestTarget, _ context: RequestContext) async throws -> Answer {
        let (client, _) = try context.recognise(request, target, by: gateway)
        let offer = try WebSocketOffer(request.headers)
        try checkOrigin(request, client)
        let models = Set(await transcriber.models().map(\.id))
        let query = target.query
        let isBeta =
            request.headers[.openAIBeta]?.contains("realtime=v1") == true
            || offer.protocols.contains("openai-beta.realtime-v1")
        guard let standard = models.contains("whisper-1") ? "whisper-1" : models.sorted().first else {
            throw Failure.noModel
        }
        let model = query["model"] ?? standard
        // A client that only wants its words written names the model of the talk, which there is none of here.
        guard models.contains(model) || query["intent"] == "transcription" else { throw Failure.unknownModel(model) }
        let settings = RealtimeSettings(model: models.contains(model) ? model : standard)
        try gateway.check(settings.model, for: client)
        context.record.update { $0.model = settings.model }
        guard let place = SpeechPlaces.Place(places) else { throw Failure.tooManyUploads }
        let session = RealtimeSession(
            settings: settings,
            isBeta: isBeta,
            models: models,
            client: client,
            gateway: gateway,
            transcriber: transcriber,
            logger: context.logger,
            place: place
        )
        var headers: HTTPFields = [
            .upgrade: "websocket", .connection: "Upgrade", .secWebSocketAccept: offer.accept,
        ]
        if offer.protocols.contains("realtime") { headers[.secWebSocketProtocol] = "realtime" }
        return Answer(status: .switchingProtocols, headers: headers, body: .webSocket(session))
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
