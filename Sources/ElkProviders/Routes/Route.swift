package import ElkWire

/// How a provider serves an endpoint: natively, or by another endpoint of its own and a translation.
package struct Route: Sendable {
    /// The provider's endpoint that is called.
    package let upstream: Endpoint
    let service: Service
    package let isNative: Bool
}

extension Provider {
    /// The cheapest way to serve `endpoint`: its own format first, then the one that carries most of it; nil where there is
    /// none.
    package func route(for endpoint: Endpoint) -> Route? {
        if let service = endpoints[endpoint] { return Route(upstream: endpoint, service: service, isNative: true) }
        for other in Self.detours(for: endpoint) {
            if let service = endpoints[other] { return Route(upstream: other, service: service, isNative: false) }
        }
        return nil
    }

    /// Whether there is a way at all.
    ///
    /// A single call may still hold what the way cannot carry; its exchange says so.
    package func canServe(_ endpoint: Endpoint) -> Bool { route(for: endpoint) != nil }

    /// Endpoints that can stand in, the one that loses least first.
    ///
    /// Chat stands first because every format was mapped to it before; messages and Gemini follow because they keep
    /// reasoning and its seals; responses last, since it has no stop sequences and no sampling penalties.
    private static func detours(for endpoint: Endpoint) -> [Endpoint] {
        switch endpoint {
        case .chat: [.messages, .geminiGenerate, .responses]
        case .completions, .messages, .geminiGenerate: [.chat, .messages, .geminiGenerate, .responses]
        case .responses: [.chat, .messages, .geminiGenerate]
        case .embeddings: [.geminiEmbed]
        case .geminiEmbed: [.embeddings]
        default: []
        }
    }
}

extension Endpoint {
    /// The text format of a client that calls this endpoint; nil for endpoints that are not text, and for completions,
    /// which only read.
    var textFormat: TextFormat? {
        switch self {
        case .chat: .openAIChat
        case .responses: .openAIResponses
        case .messages: .anthropicMessages
        case .geminiGenerate: .geminiGenerate
        default: nil
        }
    }

    /// How this endpoint's streams look to a client.
    var streamFormat: ClientStreamFormat {
        switch self {
        case .responses: .responses
        case .messages, .countTokens: .anthropic
        case .geminiGenerate, .geminiEmbed, .geminiCountTokens: .gemini
        default: .openAI
        }
    }
}
