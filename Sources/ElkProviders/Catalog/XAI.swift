import ElkWire

extension Provider {
    static let xAI = Provider(
        id: "xai",
        title: "xAI",
        baseURL: "https://api.x.ai",
        endpoints: [
            .chat: .chat("/v1/chat/completions", TextQuirks(dropping: ["logit_bias"])),
            .completions: .completions(),
            .responses: .responses(),
            .embeddings: .embeddings(),
            // Answers 400 to what its models cannot vary.
            .imageGenerations: .imageGenerations(
                "/v1/images/generations",
                ImageQuirks(dropping: ["quality", "size", "style"])
            ),
            .models: .models(),
        ]
    )
}
