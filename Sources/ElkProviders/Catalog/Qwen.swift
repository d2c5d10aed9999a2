import ElkWire

extension Provider {
    /// DashScope's compatible mode.
    ///
    /// International accounts set the base URL to `https://dashscope-intl.aliyuncs.com`.
    static let qwen = Provider(
        id: "qwen",
        title: "Qwen (DashScope)",
        baseURL: "https://dashscope.aliyuncs.com",
        endpoints: [
            .chat: .chat("/compatible-mode/v1/chat/completions", .classic),
            .completions: .completions("/compatible-mode/v1/completions"),
            .embeddings: .embeddings("/compatible-mode/v1/embeddings", base64: false),
            .models: .models("/compatible-mode/v1/models"),
        ]
    )
}
