extension Conversation.ReasoningWish {
    /// The effort that comes nearest: as asked for, else by the budget, else `medium`.
    ///
    /// Thresholds: up to 4,096 tokens low, up to 16,384 medium, above high.
    package var nearestEffort: Effort {
        if mode == .off { return .none }
        if let effort { return effort }
        guard let budget else { return mode == .adaptive ? .high : .medium }
        return switch budget {
        case 0: .none
        case ...4096: .low
        case ...16384: .medium
        default: .high
        }
    }

    /// The budget that comes nearest, at least `least`: as asked for, else by the effort, as a part of the model's
    /// `maximum`.
    package func nearestBudget(least: Int, maximum: Int) -> Int {
        let wanted = budget ?? maximum * (effort ?? .medium).percent / 100
        return min(max(wanted, least), max(maximum, least))
    }
}

extension Conversation.ReasoningWish.Effort {
    /// How much of a model's thinking room this effort takes.
    package var percent: Int {
        switch self {
        case .none: 0
        case .minimal: 5
        case .low: 20
        case .medium: 50
        case .high: 80
        case .xhigh: 90
        case .max: 100
        }
    }
}
