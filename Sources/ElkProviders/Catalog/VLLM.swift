import ElkWire

extension Provider {
    /// Its responses and messages depend on the version; chat serves both by translation in all of them.
    static let vLLM = Provider(
        id: "vllm",
        title: "vLLM",
        baseURL: "http://127.0.0.1:8000",
        authorization: .bearerIfPresent,
        endpoints: [
            .chat: .chat(),
            .completions: .completions(),
            .embeddings: .embeddings(),
            .rerank: .rerank(),
            .transcriptions: .transcriptions(),
            .translations: .translations(),
            .models: .models(),
        ]
    )
}
