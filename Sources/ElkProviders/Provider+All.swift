extension Provider {
    /// The registry: one line a file in `Catalog/`.
    package static let all: [Provider] = [
        anthropic,
        azureOpenAI,
        cohere,
        deepSeek,
        elk,
        gemini,
        groq,
        jina,
        llamaCpp,
        mistral,
        moonshot,
        ollama,
        openAI,
        openAICompatible,
        openRouter,
        qwen,
        siliconFlow,
        vLLM,
        xAI,
        zhipu,
    ]
}
