import ElkGateway
import ElkWire
import HTTPTypes
import HummingbirdCore
import NIOCore

/// Every route, behind one switch.
struct Routes: Sendable {
    let gateway: Gateway
    let relay: RelayRoutes
    let speech: SpeechRoutes
    let jobs: JobRoutes
    let spoken: SpokenRoutes
    let realtime: RealtimeRoutes
    let ephemeralKeys: EphemeralKeyRoutes
    let models: ModelRoutes
    let responses: ResponseRoutes
    let accounts: AccountRoutes
    let admin: AdminRoutes
    let metrics: MetricsRoute
    let dashboard: DashboardRoutes

    func answer(_ request: Request, _ target: RequestTarget, _ context: RequestContext) async throws -> Answer {
        switch Route.match(request.method, target.path) {
        case .found(let route):
            context.record.update { $0.route = route.name }
            return try await answer(route, request, target, context)
        case .wrongMethod(let allowed):
            // Whoever may not use the server does not learn what is there.
            try context.recognise(request, target, by: gateway)
            var answer = Answer(.methodNotAllowed(request), dialect: context.dialect, requestID: context.requestID)
            answer.headers[.allow] = allowed
            return answer
        case .unknown:
            try context.recognise(request, target, by: gateway)
            throw Failure.unknownURL(request)
        }
    }

    private func answer(
        _ route: Route,
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws -> Answer {
        switch route {
        case .call(.responses): try await responses.create(request, target, context)
        case .call(.speech): try await spoken.speak(request, target, context)
        case .call(let endpoint): try await relay.call(endpoint, request, target, context)
        case .engineEmbeddings(let model): try await relay.call(.embeddings, model: model, request, target, context)
        case .gemini(let model, let verb): try await relay.gemini(model: model, verb, request, target, context)
        case .speech(.transcribe): try await speech.answer(.transcribe, request, target, context)
        case .speech(.translate): try await speech.answer(.translate, request, target, context)
        case .jobs: try jobs.list(request, target, context)
        case .job(let id): try await jobs.show(id, request, target, context)
        case .deleteJob(let id): try await jobs.delete(id, request, target, context)
        case .cancelJob(let id): try await jobs.cancel(id, request, target, context)
        case .jobResult(let id): try await jobs.result(id, request, target, context)
        case .realtime: try await realtime.answer(request, target, context)
        case .ephemeralKey(let form): try await ephemeralKeys.mint(form, request, target, context)
        case .voices: try await spoken.voices(request, target, context)
        case .models: try await models.list(request, target, context)
        case .model(let id): try await models.show(id, request, target, context)
        case .response(let id): try await responses.show(id, request, target, context)
        case .deleteResponse(let id): try await responses.delete(id, request, target, context)
        case .cancelResponse(let id): try await responses.cancel(id, request, target, context)
        case .inputItems(let id): try await responses.inputItems(id, request, target, context)
        case .subscription: try await accounts.subscription(request, target, context)
        case .billedUsage: try await accounts.usage(request, target, context)
        case .creditGrants: try await accounts.creditGrants(request, target, context)
        case .tokenUsage: try await accounts.tokenUsage(request, target, context)
        case .generation(let id): try await accounts.generation(id, request, target, context)
        case .admin(let path): try await admin.answer(path, request, target, context)
        case .metrics: try metrics.answer(request, context)
        case .health: Answer(json: ByteBuffer(string: #"{"status":"ok"}"#))
        case .page(let file): try dashboard.answer(file, request, target, context)
        case .notServed:
            try refuse(request, target, context)
        }
    }

    private func refuse(_ request: Request, _ target: RequestTarget, _ context: RequestContext) throws -> Answer {
        try context.recognise(request, target, by: gateway)
        throw Failure.notServed(request)
    }
}

extension Route {
    /// A label for logs and metrics, one of few.
    var name: String {
        switch self {
        case .call(let endpoint): endpoint.rawValue
        case .engineEmbeddings: "embeddings"
        case .gemini(_, let verb): verb.rawValue
        case .speech(.transcribe): "transcriptions"
        case .speech(.translate): "translations"
        case .jobs, .job, .deleteJob, .cancelJob, .jobResult: "jobs"
        case .realtime: "realtime"
        case .ephemeralKey: "client_secrets"
        case .voices: "voices"
        case .models, .model: "models"
        case .response, .deleteResponse, .cancelResponse, .inputItems: "stored_responses"
        case .subscription, .billedUsage, .creditGrants, .tokenUsage: "billing"
        case .generation: "generations"
        case .admin: "admin"
        case .metrics: "metrics"
        case .health: "health"
        case .page: "page"
        case .notServed: "not_served"
        }
    }
}
