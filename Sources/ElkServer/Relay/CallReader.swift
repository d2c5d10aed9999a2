import ElkGateway
import ElkProviders
import ElkWire
import HTTPTypes
import HummingbirdCore
import NIOCore

/// Reads a request into a `Call`: the little parsing that admission, planning and metering need, done once.
struct CallReader: Sendable {
    private static let maxPassedOnBytes = 4096

    let maxBodyBytes: Int

    /// Reads the body and makes a call of it.
    ///
    /// - Parameter model: the model, where the path names it.
    func read(
        _ endpoint: Endpoint,
        model pathModel: String? = nil,
        streams pathStreams: Bool? = nil,
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Call {
        let incoming = try IncomingBody(request, context, limit: maxBodyBytes)
        let contentType = request.headers[.contentType] ?? ""
        if endpoint == .imageEdits || endpoint == .imageVariations, !Self.isJSON(contentType) {
            return try await readForm(endpoint, contentType, incoming, request, context)
        }
        let document = try Self.document(of: try await incoming.collect())
        let model = try pathModel ?? Self.model(of: document, endpoint)
        context.record.update { $0.model = model }
        return Call(
            id: context.requestID,
            endpoint: endpoint,
            dialect: context.dialect,
            model: model,
            streams: try pathStreams ?? Self.streams(document, endpoint),
            body: .json(document),
            headers: Self.passedOn(request.headers),
            query: target.query.forUpstream
        )
    }

    private func readForm(
        _ endpoint: Endpoint,
        _ contentType: String,
        _ incoming: IncomingBody,
        _ request: Request,
        _ context: RequestContext
    ) async throws -> Call {
        let form: MultipartForm
        do {
            let boundary = try MultipartBoundary(contentType: contentType)
            form = try MultipartForm(parsing: try await incoming.collect(), boundary: boundary)
        } catch let error as MultipartError {
            throw Failure.unreadableForm(error)
        }
        let models = form.parts.filter { $0.name == "model" }
        guard models.count <= 1 else { throw Failure.repeatedModel }
        // What OpenAI takes when a form of images names none.
        let model = models.first?.text ?? "dall-e-2"
        guard ModelName.isValid(model) else { throw Failure.invalidModel }
        context.record.update { $0.model = model }
        return Call(
            id: context.requestID,
            endpoint: endpoint,
            dialect: context.dialect,
            model: model,
            streams: form.parts.last { $0.name == "stream" }?.text.lowercased() == "true",
            body: .form(form),
            headers: Self.passedOn(request.headers)
        )
    }

    /// The body as a JSON object, checked once and whole.
    static func document(of bytes: ByteBuffer) throws(Failure) -> JSONSlice {
        let document: JSONSlice
        do throws(JSONError) {
            document = try JSONSlice(validating: bytes)
        } catch {
            throw .invalidJSON(error)
        }
        guard document.kind == .object else {
            throw .invalidRequest("The body of the request must be a JSON object.", code: "invalid_json")
        }
        // Two of them would let a client pay for one model and get another (GC 5.4).
        guard !document.hasDuplicate("model") else { throw .repeatedModel }
        return document
    }

    private static func model(of document: JSONSlice, _ endpoint: Endpoint) throws(Failure) -> String {
        guard let member = document["model"], !member.isNull else {
            switch endpoint {
            // What OpenAI takes when the request names none.
            case .moderations: return "omni-moderation-latest"
            case .imageGenerations, .imageEdits: return "dall-e-2"
            default: throw .missingModel
            }
        }
        guard let model = member.string, ModelName.isValid(model) else { throw .invalidModel }
        return model
    }

    private static func streams(_ document: JSONSlice, _ endpoint: Endpoint) throws(Failure) -> Bool {
        if endpoint == .speech { return document["stream_format"]?.string == "sse" }
        guard let member = document["stream"], !member.isNull else { return false }
        guard let streams = member.bool else {
            throw .invalidRequest("'stream' must be true or false.", parameter: "stream", code: "invalid_type")
        }
        return streams
    }

    static func passedOn(_ headers: HTTPFields) -> [(name: String, value: String)] {
        var passed = [(name: "x-elk-hops", value: "\(HopCount.of(headers) + 1)")]
        for field in headers where HeaderPolicy.up.contains(field.name.canonicalName) {
            guard field.value.utf8.count <= maxPassedOnBytes else { continue }
            passed.append((field.name.canonicalName, field.value))
        }
        return passed
    }

    private static func isJSON(_ contentType: String) -> Bool {
        contentType.lowercased().hasPrefix("application/json")
    }
}

extension Failure {
    static let repeatedModel = invalidRequest(
        "'model' was given more than once.",
        parameter: "model",
        code: "duplicate_model"
    )

    static func repeated(_ name: String) -> Failure {
        let name = String(name.prefix(100))
        return .invalidRequest("'\(name)' was given more than once.", parameter: name, code: "duplicate_parameter")
    }

    static let invalidModel = invalidRequest(
        "'model' must be the name of a model: 1 to \(ModelName.maxBytes) bytes without spaces.",
        parameter: "model",
        code: "invalid_model"
    )
}
