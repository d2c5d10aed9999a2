/// `finishReason`.
enum GeminiStop {
    static func read(_ text: String) -> StopReason {
        switch text {
        case "MAX_TOKENS": .maxTokens
        case "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY",
            "IMAGE_PROHIBITED_CONTENT", "IMAGE_RECITATION":
            .contentFilter
        // STOP, and what the model did wrong by itself: MALFORMED_FUNCTION_CALL, UNEXPECTED_TOOL_CALL, NO_IMAGE, OTHER.
        default: .endOfTurn
        }
    }

    static func text(_ reason: StopReason) -> String {
        switch reason {
        case .endOfTurn, .stopSequence, .toolCalls, .pause: "STOP"
        case .maxTokens, .contextExceeded: "MAX_TOKENS"
        case .contentFilter, .refusal: "SAFETY"
        }
    }
}
