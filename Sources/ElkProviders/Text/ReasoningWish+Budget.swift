extension Conversation.ReasoningWish {
    /// The effort that comes nearest: as asked for, else by the budget, else what `fallback` says.
    ///
    /// Thresholds: up to 4,096 tokens low, up to 16,384 medium, above high.
    package func nearestEffort(fallback: Effort = .medium) -> Effort {
        if mode == .off { return .none }
        if let effort { return effort }
        guard let budget else { return fallback }
        return switch budget {
        case 0: .none
        case ...4096: .low
        case ...16384: .medium
        default: .high
        }
    }

    /// The budget that comes nearest: as asked for, else by the effort; within `range`.
    package func nearestBudget(in range: ClosedRange<Int>) -> Int {
        let wanted = budget ?? (effort ?? .medium).budget
        return min(max(wanted, range.lowerBound), range.upperBound)
    }
}

extension Conversation.ReasoningWish.Effort {
    /// Tokens that stand for this effort where a format wants a number.
    ///
    /// `nearestEffort` turns them back.
    package var budget: Int {
        switch self {
        case .none: 0
        case .minimal: 1024
        case .low: 2048
        case .medium: 8192
        case .high: 24576
        case .xhigh, .max: 32768
        }
    }
}
