import ElkWire

extension Provider {
    /// Reports errors inside streams, with a status of their own in `error.code`.
    static let openRouter = Provider(
        id: "openrouter",
        title: "OpenRouter",
        baseURL: "https://openrouter.ai/api",
        endpoints: [
            .chat: .chat(),
            .completions: .completions(),
            .responses: .responses(),
            .embeddings: .embeddings(),
            .models: .models(),
        ]
    )
}
