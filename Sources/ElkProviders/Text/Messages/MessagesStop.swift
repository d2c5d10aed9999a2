/// `stop_reason` of the Messages format.
enum MessagesStop {
    static func read(_ text: String) -> StopReason {
        switch text {
        case "max_tokens": .maxTokens
        case "stop_sequence": .stopSequence
        case "tool_use": .toolCalls
        case "pause_turn": .pause
        case "refusal": .refusal
        case "model_context_window_exceeded": .contextExceeded
        default: .endOfTurn
        }
    }

    static func text(_ reason: StopReason) -> String {
        switch reason {
        case .endOfTurn: "end_turn"
        case .stopSequence: "stop_sequence"
        case .maxTokens: "max_tokens"
        case .contextExceeded: "model_context_window_exceeded"
        case .toolCalls: "tool_use"
        case .contentFilter, .refusal: "refusal"
        case .pause: "pause_turn"
        }
    }
}
