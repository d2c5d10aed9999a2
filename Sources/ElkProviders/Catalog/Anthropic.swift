import ElkWire

extension Provider {
    static let anthropic = Provider(
        id: "anthropic",
        title: "Anthropic",
        baseURL: "https://api.anthropic.com",
        authorization: .header("x-api-key"),
        headers: [("anthropic-version", "2023-06-01")],
        endpoints: [
            .messages: .messages(),
            .countTokens: Service("/v1/messages/count_tokens", .countTokens(.anthropicMessages)),
            .models: .models(),
        ]
    )
}
