extension TextFormat {
    /// The readers and writers of this format; nil for a format that only passes through.
    package var codec: (any TextCodec.Type)? {
        switch self {
        case .openAIChat, .anthropicMessages, .openAIResponses, .geminiGenerate: nil
        }
    }
}
