import ElkWire

extension Provider {
    /// Another Elk, or a new-api: every format at its own path.
    static let elk = Provider(
        id: "elk",
        title: "Elk or new-api",
        baseURL: nil,
        authorization: .bearerIfPresent,
        endpoints: [
            .chat: .chat(),
            .completions: .completions(),
            .responses: .responses(),
            .messages: .messages(),
            .countTokens: Service("/v1/messages/count_tokens", .countTokens(.anthropicMessages)),
            .geminiGenerate: .geminiGenerate,
            .geminiCountTokens: .geminiCountTokens,
            .geminiEmbed: .geminiEmbed,
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
