import ElkWire

extension Provider {
    /// Answers 400 to members that it does not implement.
    static let groq = Provider(
        id: "groq",
        title: "Groq",
        baseURL: "https://api.groq.com/openai",
        endpoints: [
            .chat: .chat("/v1/chat/completions", TextQuirks(dropping: ["logprobs", "top_logprobs", "logit_bias"])),
            .responses: .responses(),
            .transcriptions: .transcriptions(),
            .translations: .translations(),
            .speech: .speech(),
            .models: .models(),
        ]
    )
}
