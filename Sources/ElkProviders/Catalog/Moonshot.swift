import ElkWire

extension Provider {
    /// International accounts set the channel's base URL to `https://api.moonshot.ai`.
    static let moonshot = Provider(
        id: "moonshot",
        title: "Moonshot",
        baseURL: "https://api.moonshot.cn",
        endpoints: [
            .chat: .chat(
                "/v1/chat/completions",
                TextQuirks(
                    dropping: ["logit_bias", "logprobs", "top_logprobs", "seed"],
                    renamedRoles: ["developer": "system"],
                    outputLimit: .maxTokens,
                    takesJSONSchema: false
                )
            ),
            .messages: .messages("/anthropic/v1/messages"),
            .models: .models(),
        ]
    )
}
