import ElkWire

extension Provider {
    /// Refuses every member that it does not know (422), `stream_options` among them; usage comes with the last chunk unasked.
    static let mistral = Provider(
        id: "mistral",
        title: "Mistral",
        baseURL: "https://api.mistral.ai",
        endpoints: [
            .chat: .chat(
                "/v1/chat/completions",
                TextQuirks(
                    dropping: [
                        "stream_options", "logit_bias", "logprobs", "top_logprobs", "user", "store", "service_tier",
                        "prompt_cache_key", "safety_identifier", "modalities", "verbosity",
                    ],
                    renamed: ["seed": "random_seed"],
                    renamedRoles: ["developer": "system"],
                    outputLimit: .maxTokens,
                    reportsStreamUsage: false
                )
            ),
            .embeddings: .embeddings("/v1/embeddings", base64: false),
            .moderations: .moderations(),
            .transcriptions: .transcriptions(),
            .models: .models(),
        ]
    )
}
