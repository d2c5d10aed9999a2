import ElkWire
import Hummingbird
import NIOCore

/// `GET /v1/models` and `GET /v1/models/{id}`.
struct ModelRoutes: Sendable {
    let transcriber: any Transcriber

    @Sendable func list(_ request: Request, _ context: ServerContext) async throws -> Response {
        var body = ByteBuffer(string: #"{"object":"list","data":["#)
        for (index, model) in await transcriber.models().enumerated() {
            if index > 0 { body.writeStaticString(",") }
            model.write(into: &body)
        }
        body.writeStaticString("]}")
        return Response(json: body)
    }

    @Sendable func show(_ request: Request, _ context: ServerContext) async throws -> Response {
        // Ids may hold slashes, sent plain or percent-encoded.
        let path = context.parameters.getCatchAll().joined(separator: "/")
        let id = PercentEncoding.decode(path.utf8).map { String(decoding: $0, as: UTF8.self) } ?? path
        guard let model = await transcriber.models().first(where: { $0.id == id }) else {
            throw Failure.unknownModel(id)
        }
        var body = ByteBuffer()
        model.write(into: &body)
        return Response(json: body)
    }
}

extension LocalModel {
    fileprivate func write(into body: inout ByteBuffer) {
        body.writeStaticString(#"{"id":"#)
        body.writeJSONString(id)
        body.writeString(#","object":"model","created":\#(created),"owned_by":"#)
        body.writeJSONString(ownedBy)
        body.writeStaticString("}")
    }
}
