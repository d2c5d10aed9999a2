extension TextFormat {
    /// The readers and writers of this format; nil for a format that only passes through.
    package var codec: (any TextCodec.Type)? {
        switch self {
        case .openAIChat: ChatFormat.self
        case .anthropicMessages: MessagesFormat.self
        case .openAIResponses: ResponsesFormat.self
        case .geminiGenerate: GeminiFormat.self
        }
    }
}
