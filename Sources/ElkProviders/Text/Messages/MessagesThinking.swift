import ElkWire

/// Whether and how a request to the Messages format thinks, and how long its answer may be.
struct MessagesThinking: Sendable, Hashable {
    private enum Mode: Sendable, Hashable {
        case off, adaptive
        case budget(Int)
    }

    private var mode = Mode.off
    private let asksForText: Bool
    private(set) var effort: String?
    let maxTokens: Int

    var isOn: Bool { mode != .off }

    /// The least budget that the format takes.
    private static let leastBudget = 1024

    init(_ conversation: Conversation, _ traits: ClaudeTraits, dropped: inout [String]) {
        let limit = conversation.maxOutputTokens ?? traits.usualOutput
        maxTokens = traits.mostOutput.map { min($0, limit) } ?? limit
        // What the newest models hide by default, clients of other formats always see.
        asksForText = traits.hidesThoughts && conversation.reasoning?.wantsText != false
        guard let wish = conversation.reasoning, wish.mode != .off else { return }
        guard !Self.forcesTool(conversation) else {
            // Refused together; the tool is what the client insists on.
            dropped.append("reasoning")
            return
        }
        switch traits.thinking {
        case .none: dropped.append("reasoning")
        case .adaptive:
            mode = .adaptive
            if wish.effort != nil || wish.budget != nil {
                effort = Self.effort(wish.nearestEffort(), knowsExtraHigh: traits.knowsExtraHigh)
            }
        case .budget:
            // The budget is part of `max_tokens`, and the answer wants room as well.
            let most = maxTokens * 4 / 5
            guard most >= Self.leastBudget, !Self.lacksThought(conversation) else {
                dropped.append("reasoning")
                return
            }
            mode = .budget(wish.nearestBudget(in: Self.leastBudget...most))
        }
    }

    func write(into json: inout JSONWriter) {
        switch mode {
        case .off: break
        case .adaptive:
            json.object("thinking") { thinking in
                thinking.member("type", "adaptive")
                if asksForText { thinking.member("display", "summarized") }
            }
        case .budget(let tokens):
            json.object("thinking") { thinking in
                thinking.member("type", "enabled")
                thinking.member("budget_tokens", tokens)
            }
        }
    }

    private static func effort(_ effort: Conversation.ReasoningWish.Effort, knowsExtraHigh: Bool) -> String {
        switch effort {
        case .none, .minimal, .low: "low"
        case .medium: "medium"
        case .high: "high"
        case .xhigh: knowsExtraHigh ? "xhigh" : "high"
        case .max: "max"
        }
    }

    private static func forcesTool(_ conversation: Conversation) -> Bool {
        guard !conversation.tools.isEmpty else { return false }
        switch conversation.toolChoice {
        case .required, .tool, .allowed(_, required: true): return true
        default: return false
        }
    }

    /// In the middle of a tool loop, a turn that called tools must begin with the thought that led there, as the provider
    /// signed it.
    ///
    /// Clients of other formats lose it, and the provider would refuse the request.
    private static func lacksThought(_ conversation: Conversation) -> Bool {
        guard let last = conversation.turns.last, last.role == .user,
            last.parts.contains(where: { if case .toolResult = $0 { true } else { false } }),
            let caller = conversation.turns.last(where: { $0.role == .assistant })
        else { return false }
        return !caller.parts.contains { part in
            if case .reasoning(let thought) = part { thought.seal?.format == .anthropicMessages } else { false }
        }
    }
}
