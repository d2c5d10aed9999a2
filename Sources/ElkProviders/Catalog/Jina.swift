import ElkWire

extension Provider {
    static let jina = Provider(
        id: "jina",
        title: "Jina",
        baseURL: "https://api.jina.ai",
        endpoints: [
            .rerank: .rerank(),
            // Names the number format otherwise, so floats are fetched and packed here.
            .embeddings: .embeddings("/v1/embeddings", base64: false),
        ]
    )
}
