/// What servers of the chat format want to be told differently, known by the model's name only.
///
/// A name may carry a path (`openai/gpt-5.1`); what counts is its last part.
struct ChatModelTraits {
    /// How this model is told to think.
    enum ReasoningSwitch { case effort, thinkingType, enableThinking, none }

    let reasoningSwitch: ReasoningSwitch
    /// OpenAI's reasoning models refuse `max_tokens`.
    let wantsMaxCompletionTokens: Bool
    /// In a tool loop these models want their own thoughts back, and fail or forget without them.
    let wantsReasoningBack: Bool
    /// OpenAI's reasoning models refuse temperature, top_p, penalties and logprobs, unless they do not think.
    let refusesSampling: Bool

    init(_ model: String) {
        let name = (model.split(separator: "/").last.map(String.init) ?? model).lowercased()
        func begins(_ heads: String...) -> Bool { heads.contains { name.hasPrefix($0) } }
        let isChatVariant = name.contains("-chat")
        let isOpenAIReasoner = begins("o1", "o3", "o4", "gpt-5", "gpt-6") && !isChatVariant
        wantsMaxCompletionTokens = begins("o1", "o3", "o4", "gpt-5", "gpt-6")
        refusesSampling = isOpenAIReasoner
        wantsReasoningBack = begins("deepseek", "kimi", "glm", "minimax", "mimo")
        if isOpenAIReasoner || begins("gpt-oss", "grok-3-mini", "grok-4", "gemini-2.5", "gemini-3", "codex") {
            reasoningSwitch = .effort
        } else if begins("deepseek", "kimi", "glm-4.5", "glm-4.6", "glm-4.7", "glm-5", "doubao", "mimo") {
            reasoningSwitch = .thinkingType
        } else if begins("qwen3", "qwen-plus", "qwen-max", "qwen-flash", "qwen-turbo") {
            reasoningSwitch = .enableThinking
        } else {
            reasoningSwitch = .none
        }
    }
}
