import ElkWire

extension Provider {
    /// Reports cache hits under a name of its own, which `UsageReading` knows.
    static let deepSeek = Provider(
        id: "deepseek",
        title: "DeepSeek",
        baseURL: "https://api.deepseek.com",
        endpoints: [
            .chat: .chat(
                "/v1/chat/completions",
                TextQuirks(
                    dropping: ["logit_bias", "seed", "service_tier", "store", "metadata"],
                    renamedRoles: ["developer": "system"],
                    outputLimit: .maxTokens,
                    takesJSONSchema: false
                )
            ),
            .messages: .messages("/anthropic/v1/messages"),
            .models: .models("/models"),
        ]
    )
}
