package import ElkWire
import NIOCore

extension Provider {
    /// The request for one attempt at `target`, and the way to read its answer.
    ///
    /// `now` is in milliseconds since 1970. Throws `invalidRequest` where the call holds something that cannot be carried
    /// to this provider without changing its meaning, `notFound` where the provider does not serve the endpoint.
    package func exchange(for call: Call, target: ChannelTarget, now: Int64) throws(Failure) -> Exchange {
        guard let route = route(for: call.endpoint) else {
            throw Failure(.notFound, "\(title) does not serve this endpoint", code: "endpoint_not_supported")
        }
        let attempt = Attempt(call: call, target: target, route: route, now: now)
        return switch route.service.format {
        case .text(let format, let quirks): try attempt.text(format, quirks)
        case .completions(let quirks): try attempt.completions(quirks)
        case .countTokens: try attempt.countTokens()
        case .embeddings(let format): try attempt.embeddings(format)
        case .rerank(let format): try attempt.rerank(format)
        case .moderation: try attempt.moderation()
        case .imageGeneration(let quirks): try attempt.imageGeneration(quirks)
        case .form: try attempt.upload()
        case .speech: try attempt.speech()
        case .models, .realtime: try attempt.get()
        }
    }
}
