import ElkWire

extension Provider {
    /// Chat through its OpenAI-compatible door; ranking and embeddings in its own shapes.
    static let cohere = Provider(
        id: "cohere",
        title: "Cohere",
        baseURL: "https://api.cohere.com",
        endpoints: [
            .chat: .chat(
                "/compatibility/v1/chat/completions",
                TextQuirks(
                    dropping: [
                        "logit_bias", "top_logprobs", "n", "modalities", "prediction", "audio", "service_tier", "store",
                        "metadata", "parallel_tool_calls",
                    ],
                    outputLimit: .maxTokens
                )
            ),
            .embeddings: Service("/v2/embed", .embeddings(.cohere)),
            .rerank: .rerank("/v2/rerank", .cohere),
            .models: .models(),
        ]
    )
}
