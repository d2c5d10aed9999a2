import ElkWire

extension Provider {
    static let siliconFlow = Provider(
        id: "siliconflow",
        title: "SiliconFlow",
        baseURL: "https://api.siliconflow.cn",
        endpoints: [
            .chat: .chat("/v1/chat/completions", .classic),
            .messages: .messages(),
            .embeddings: .embeddings(),
            .rerank: .rerank(),
            .imageGenerations: .imageGenerations(),
            .transcriptions: .transcriptions(),
            .speech: .speech(),
            .models: .models(),
        ]
    )
}
