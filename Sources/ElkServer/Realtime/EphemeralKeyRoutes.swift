import ElkGateway
import ElkProviders
import ElkStorage
import ElkWire
import HTTPTypes
import HummingbirdCore
import NIOCore

/// `POST /v1/realtime/client_secrets`, and the same in the words of the beta: a key for a page or an app, which opens realtime
/// sessions for a while and nothing else.
struct EphemeralKeyRoutes: Sendable {
    let gateway: Gateway
    let keys: EphemeralKeys
    let transcriber: any Transcriber

    func mint(
        _ form: EphemeralKeyRequest.Form,
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Answer {
        let (client, _) = try context.recognise(request, target, by: gateway)
        var body = try await IncomingBody(request, context, limit: EphemeralKeyRequest.maxBytes).collect()
        if body.readableBytes == 0 { body = ByteBuffer(string: "{}") }
        let wish = try EphemeralKeyRequest(CallReader.document(of: body), form)
        if let opening = wish.opening {
            context.record.update { $0.model = opening.model }
            try await check(opening, client)
        }
        let (text, expires) = try await keys.mint(wish.opening, seconds: wish.seconds, for: client)
        var answer = Answer(json: wish.answer(text.reveal(), expires: expires))
        answer.headers[.cacheControl] = "no-store"
        return answer
    }

    /// Refuses a session that would be refused when it begins, as far as that can be known now.
    private func check(_ opening: RealtimeOpening, _ client: Client) async throws(Failure) {
        let locals = Set(await transcriber.models().map(\.id))
        for name in [opening.model, opening.transcriber] {
            if let name { try gateway.check(name, for: client) }
        }
        if let model = opening.model, !locals.contains(model) {
            guard try gateway.canRelayRealtime(model, for: client) else { throw .unknownModel(model) }
            return
        }
        let standard = opening.isTranscription ? RealtimeRoutes.standardModel(of: locals) : nil
        guard let model = opening.model ?? standard else { return }
        var settings = RealtimeSettings(model: model)
        _ = try settings.update(opening.session, models: locals, languageCode: transcriber.languageCode)
    }
}
