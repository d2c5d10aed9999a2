import ElkWire

extension Provider {
    /// The deployment's name stands in the path and is the channel's upstream model; responses are only at the newer
    /// addresses, with the model in the body, and so are realtime sessions, with it in the query.
    static let azureOpenAI = Provider(
        id: "azure-openai",
        title: "Azure OpenAI",
        baseURL: nil,
        authorization: .header("api-key"),
        apiVersion: "2025-04-01-preview",
        endpoints: [
            .chat: .chat(deployment("chat/completions"), TextQuirks(outputLimit: .byModel)),
            .completions: .completions(deployment("completions")),
            .responses: .responses("/openai/v1/responses"),
            .embeddings: .embeddings(deployment("embeddings")),
            .imageGenerations: .imageGenerations(deployment("images/generations")),
            .imageEdits: .imageEdits(deployment("images/edits")),
            .transcriptions: .transcriptions(deployment("audio/transcriptions")),
            .translations: .translations(deployment("audio/translations")),
            .speech: .speech(deployment("audio/speech")),
            .realtime: .realtime("/openai/v1/realtime"),
            .models: .models("/openai/models?api-version={apiVersion}"),
        ]
    )

    private static func deployment(_ task: String) -> ServicePath {
        ServicePath(stringLiteral: "/openai/deployments/{model}/\(task)?api-version={apiVersion}")
    }
}
