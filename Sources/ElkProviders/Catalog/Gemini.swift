import ElkWire

extension Provider {
    /// The key goes into a header: their own examples put it into the URL, where logs find it.
    static let gemini = Provider(
        id: "gemini",
        title: "Google Gemini",
        baseURL: "https://generativelanguage.googleapis.com",
        authorization: .header("x-goog-api-key"),
        endpoints: [
            .geminiGenerate: .geminiGenerate,
            .geminiCountTokens: .geminiCountTokens,
            .geminiEmbed: .geminiEmbed,
            .models: .models("/v1beta/models"),
        ]
    )
}

extension Service {
    static let geminiGenerate = Service(
        "/v1beta/models/{model}:generateContent",
        stream: "/v1beta/models/{model}:streamGenerateContent?alt=sse",
        .text(.geminiGenerate, .none)
    )
    static let geminiCountTokens = Service(
        "/v1beta/models/{model}:countTokens",
        .countTokens(.geminiGenerate)
    )
    static let geminiEmbed = Service(
        "/v1beta/models/{model}:batchEmbedContents",
        single: "/v1beta/models/{model}:embedContent",
        .embeddings(.gemini)
    )
}
