import ElkGateway
import ElkProviders
import ElkWire
import HTTPTypes
import HummingbirdCore
import NIOCore

/// `POST /v1/audio/speech` and `GET /v1/audio/voices`, of the first local model or of the one in `?model=`.
///
/// The local voice is one more channel, as the local engine is for transcriptions.
struct SpokenRoutes: Sendable {
    let gateway: Gateway
    let reader: CallReader
    let synthesizer: (any Synthesizer)?

    func speak(_ request: Request, _ target: RequestTarget, _ context: RequestContext) async throws -> Answer {
        let (client, _) = try context.recognise(request, target, by: gateway)
        let call = try await reader.read(.speech, request, target, context)
        try context.connection.presence.beginWork()
        let isLocal = await synthesizer?.models().contains { $0.id == call.model } ?? false
        guard isLocal, let synthesizer, case .json(let document) = call.body else {
            do throws(Failure) {
                return Answer(try await gateway.handle(call, from: client))
            } catch {
                guard error.code == "model_not_found", let absence = synthesizer?.absence(of: call.model) else {
                    throw error
                }
                throw absence
            }
        }
        let voices = await synthesizer.voices(of: call.model)
        let job: SpeechJob
        do throws(Failure) {
            job = try SpeechRequest.job(document, model: call.model, voices: voices)
        } catch {
            // What is wrong for the local voice may be right for a provider of the model.
            guard gateway.hasUpstream(for: .speech) else { throw error }
            let refusal = error
            do throws(Failure) {
                return Answer(try await gateway.handle(call, from: client))
            } catch {
                throw error.code == "model_not_found" ? refusal : error
            }
        }
        return Answer(try await gateway.handle(call, from: client, speech: job))
    }

    func voices(_ request: Request, _ target: RequestTarget, _ context: RequestContext) async throws -> Answer {
        try context.recognise(request, target, by: gateway)
        let models = await synthesizer?.models().map(\.id) ?? []
        let asked = target.query["model"]
        let model = models.first { asked == nil || $0 == asked }
        var names: [String] = []
        if let model { names = await synthesizer?.voices(of: model) ?? [] }
        // Some clients look under one name, some under the other.
        var body = ByteBuffer(string: #"{"object":"list","data":["#)
        Self.write(names, into: &body)
        body.writeStaticString(#"],"voices":["#)
        Self.write(names, into: &body)
        body.writeStaticString("]}")
        return Answer(json: body)
    }

    private static func write(_ names: [String], into body: inout ByteBuffer) {
        for (index, name) in names.enumerated() {
            body.writeString(index == 0 ? #"{"id":"# : #",{"id":"#)
            body.writeJSONString(name)
            body.writeStaticString(#","object":"audio.voice","name":"#)
            body.writeJSONString(name)
            body.writeStaticString("}")
        }
    }
}
