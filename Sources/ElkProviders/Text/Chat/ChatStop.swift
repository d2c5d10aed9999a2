/// `finish_reason` of the chat format.
enum ChatStop {
    static func read(_ text: String) -> StopReason {
        switch text {
        case "length", "max_tokens": .maxTokens
        case "tool_calls", "function_call": .toolCalls
        case "content_filter", "sensitive": .contentFilter
        case "model_context_window_exceeded": .contextExceeded
        default: .endOfTurn
        }
    }

    static func text(_ reason: StopReason, usesFunctions: Bool = false) -> String {
        switch reason {
        case .endOfTurn, .stopSequence, .pause: "stop"
        case .maxTokens, .contextExceeded: "length"
        case .toolCalls: usesFunctions ? "function_call" : "tool_calls"
        case .contentFilter, .refusal: "content_filter"
        }
    }
}
