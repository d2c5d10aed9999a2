/// What servers of the chat format want to be told differently, known by the model's name only.
///
/// A name may carry a path (`openai/gpt-5.1`); what counts is its last part.
struct ChatModelTraits {
    /// How this model is told to think.
    typealias Effort = Conversation.ReasoningWish.Effort

    enum ReasoningSwitch { case effort, thinkingType, enableThinking, none }

    let reasoningSwitch: ReasoningSwitch
    /// The efforts that the model knows, the least first.
    private let efforts: [Effort]
    /// The most tokens that one answer may have, where more is refused; nil where it is not known.
    let mostOutput: Int?
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
        efforts = Self.efforts(name)
        mostOutput = Self.mostOutputs.first { name.hasPrefix($0.head) }?.tokens
    }

    /// The effort nearest to what is wanted; nil where the model cannot but think and is asked not to.
    func effort(_ wanted: Effort) -> Effort? {
        if efforts.contains(wanted) { return wanted }
        let order = Effort.allCases
        guard let place = order.firstIndex(of: wanted) else { return nil }
        if wanted == .none { return efforts.first == .minimal ? .minimal : nil }
        // Too little is rounded up, for `minimal` and `none` are not the same; too much is rounded down.
        let above = efforts.first { $0 != .none && (order.firstIndex(of: $0) ?? 0) > place }
        return wanted == .minimal ? above : efforts.last
    }

    private static func efforts(_ name: String) -> [Effort] {
        if name.hasPrefix("gpt-5.1") { return [.none, .low, .medium, .high] }
        if name.hasPrefix("gpt-5.") || name.hasPrefix("gpt-6") { return [.none, .low, .medium, .high, .xhigh] }
        if name.hasPrefix("gpt-5") { return [.minimal, .low, .medium, .high] }
        if name.hasPrefix("gemini") { return [.none, .minimal, .low, .medium, .high] }
        return [.low, .medium, .high]
    }

    private static let mostOutputs: [(head: String, tokens: Int)] = [
        ("gpt-3.5", 4096), ("gpt-4o", 16384), ("chatgpt-4o", 16384), ("gpt-4.1", 32768), ("gpt-4-turbo", 4096),
        ("gpt-4-1106", 4096), ("gpt-4-0125", 4096), ("gpt-4", 8192), ("o1-mini", 65536), ("o1-preview", 32768),
        ("o1", 100_000), ("o3", 100_000), ("o4", 100_000), ("gpt-5-chat", 16384), ("gpt-5", 128_000),
        ("deepseek-chat", 8192), ("deepseek-reasoner", 65536),
    ]
}
