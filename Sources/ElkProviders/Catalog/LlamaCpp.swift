import ElkWire

extension Provider {
    static let llamaCpp = Provider(
        id: "llama-cpp",
        title: "llama.cpp",
        baseURL: "http://127.0.0.1:8080",
        authorization: .bearerIfPresent,
        endpoints: [
            .chat: .chat("/v1/chat/completions", .classic),
            .completions: .completions(),
            .embeddings: .embeddings(),
            .rerank: .rerank(),
            .models: .models(),
        ]
    )
}
