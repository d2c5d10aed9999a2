import ElkWire

extension Provider {
    /// Error codes are numbers in strings; the shared table knows those that matter.
    static let zhipu = Provider(
        id: "zhipu",
        title: "Zhipu",
        baseURL: "https://open.bigmodel.cn",
        endpoints: [
            .chat: .chat(
                "/api/paas/v4/chat/completions",
                TextQuirks(
                    dropping: ["logit_bias", "logprobs", "top_logprobs", "presence_penalty", "frequency_penalty", "n"],
                    renamedRoles: ["developer": "system"],
                    outputLimit: .maxTokens,
                    takesJSONSchema: false
                )
            ),
            .messages: .messages("/api/anthropic/v1/messages"),
            .embeddings: .embeddings("/api/paas/v4/embeddings", base64: false),
            .imageGenerations: .imageGenerations("/api/paas/v4/images/generations"),
            .rerank: .rerank("/api/paas/v4/rerank"),
            .transcriptions: .transcriptions("/api/paas/v4/audio/transcriptions"),
            .models: .models("/api/paas/v4/models"),
        ]
    )
}
