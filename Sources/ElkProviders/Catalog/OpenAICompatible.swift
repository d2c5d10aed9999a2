import ElkWire

extension Provider {
    /// Any server that speaks OpenAI's chat.
    ///
    /// Whether it also has the other endpoints is the channel's model list's business.
    static let openAICompatible = Provider(
        id: "openai-compatible",
        title: "OpenAI-compatible",
        baseURL: nil,
        authorization: .bearerIfPresent,
        endpoints: [
            .chat: .chat(),
            .completions: .completions(),
            .embeddings: .embeddings(),
            .imageGenerations: .imageGenerations(),
            .imageEdits: .imageEdits(),
            .imageVariations: .imageVariations(),
            .moderations: .moderations(),
            .rerank: .rerank(),
            .transcriptions: .transcriptions(),
            .translations: .translations(),
            .speech: .speech(),
            .realtime: .realtime("/v1/realtime", RealtimeQuirks(namesTranscriber: true)),
            .models: .models(),
        ]
    )
}
