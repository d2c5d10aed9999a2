import ElkGateway
import ElkWire
import HTTPTypes
import HummingbirdCore
import NIOCore

/// The lists of models, in the shape of the dialect that asks (GC 1.9): what the key may use and something serves.
struct ModelRoutes: Sendable {
    let gateway: Gateway
    let transcriber: any Transcriber
    let synthesizer: (any Synthesizer)?

    func list(_ request: Request, _ target: RequestTarget, _ context: RequestContext) async throws -> Answer {
        let models = try await models(request, target, context)
        let query = target.query
        var body = ByteBuffer()
        switch Self.shape(target, context) {
        case .openAI: ModelShapes.openAI(models, into: &body)
        case .anthropic:
            ModelShapes.anthropic(
                ModelPage(models, limit: query.integer("limit"), after: query["after_id"], before: query["before_id"]),
                into: &body
            )
        case .gemini:
            let page = ModelPage(models, limit: query.integer("pageSize") ?? 1000, after: query["pageToken"])
            ModelShapes.gemini(page, into: &body)
        }
        return Answer(json: body)
    }

    func show(
        _ id: String,
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Answer {
        guard let model = try await models(request, target, context).first(where: { $0.id == id }) else {
            throw Failure.unknownModel(id)
        }
        var body = ByteBuffer()
        switch Self.shape(target, context) {
        case .openAI: ModelShapes.openAI(model, into: &body)
        case .anthropic: ModelShapes.anthropic(model, into: &body)
        case .gemini: ModelShapes.gemini(model, into: &body)
        }
        return Answer(json: body)
    }

    /// Google's clients that send their key in the query are known by that.
    private static func shape(_ target: RequestTarget, _ context: RequestContext) -> Dialect {
        context.dialect == .openAI && target.path.hasPrefix("/v1/") && target.query["key"] != nil
            ? .gemini : context.dialect
    }

    private func models(
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> [Gateway.VisibleModel] {
        let (client, _) = try context.recognise(request, target, by: gateway)
        let voices = await synthesizer?.models() ?? []
        return try gateway.models(for: client, local: await transcriber.models() + voices)
    }
}

/// A part of the list of models, as the paging of Anthropic and Google asks for it.
struct ModelPage {
    private(set) var models: ArraySlice<Gateway.VisibleModel>
    private(set) var hasMore: Bool

    /// - Parameter after: the id of the last model of the page before.
    init(_ models: [Gateway.VisibleModel], limit: Int?, after: String? = nil, before: String? = nil) {
        let limit = min(max(limit ?? 20, 1), 1000)
        var rest = models[...]
        if let after, let index = rest.firstIndex(where: { $0.id == after }) { rest = rest[(index + 1)...] }
        if let before, let index = rest.firstIndex(where: { $0.id == before }) {
            rest = rest[..<index]
            self.models = rest.suffix(limit)
        } else {
            self.models = rest.prefix(limit)
        }
        hasMore = self.models.count < rest.count
    }
}
