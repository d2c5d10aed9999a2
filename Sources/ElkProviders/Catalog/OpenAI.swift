import ElkWire

extension Provider {
    static let openAI = Provider(
        id: "openai",
        title: "OpenAI",
        baseURL: "https://api.openai.com",
        endpoints: [
            .chat: .chat("/v1/chat/completions", TextQuirks(outputLimit: .byModel)),
            .completions: .completions(),
            .responses: .responses(),
            .embeddings: .embeddings(),
            .imageGenerations: .imageGenerations(),
            .imageEdits: .imageEdits(),
            .imageVariations: .imageVariations(),
            .moderations: .moderations(),
            .transcriptions: .transcriptions(),
            .translations: .translations(),
            .speech: .speech(),
            .realtime: .realtime(),
            .models: .models(),
        ]
    )
}
