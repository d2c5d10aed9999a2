/// What a client asks for, whatever the path it used.
package enum Endpoint: String, Sendable, Hashable, CaseIterable {
    case chat, completions, responses, embeddings
    case imageGenerations, imageEdits, imageVariations
    case moderations, rerank
    case transcriptions, translations, speech, realtime
    case messages, countTokens
    case geminiGenerate, geminiCountTokens, geminiEmbed
    case models

    package var dialect: Dialect {
        switch self {
        case .messages, .countTokens: .anthropic
        case .geminiGenerate, .geminiCountTokens, .geminiEmbed: .gemini
        default: .openAI
        }
    }

    /// Whether the answer is text that a model writes, so that a call can be translated to another text format.
    package var isText: Bool {
        switch self {
        case .chat, .responses, .messages, .geminiGenerate: true
        default: false
        }
    }
}
