import ElkWire

extension Provider {
    static let ollama = Provider(
        id: "ollama",
        title: "Ollama",
        baseURL: "http://127.0.0.1:11434",
        authorization: .bearerIfPresent,
        endpoints: [
            .chat: .chat("/v1/chat/completions", .classic),
            .completions: .completions(),
            .embeddings: .embeddings("/v1/embeddings", base64: false),
            .models: .models(),
        ]
    )
}
