package import ElkProviders

/// Which try comes after which failure: walks along a plan within a budget of tries and time.
package struct RouteWalk: Sendable {
    package struct Budget: Sendable, Hashable {
        /// Tries of one request, over all channels and keys.
        package var attempts = 4
        /// No try begins later than this after the first.
        package var milliseconds: Int64 = 60_000
        /// A provider that asks for a longer pause is passed over.
        package var longestPause = 2_000
        /// Pause before the same key is tried again, where the provider named none.
        package var pause = 200

        package init() {}
    }

    package struct Step: Sendable, Hashable {
        /// Index in the plan.
        package var entry: Int
        /// Index among the channel's keys.
        package var key: Int
        /// Milliseconds to wait first.
        package var pause = 0
    }

    private let keys: [[Int]]
    private let budget: Budget
    private var entry = 0
    private var key = 0
    /// The present key has had its second chance.
    private var hasRepeated = false
    private(set) package var attempts = 0
    /// It ended because tries or time were used up, not because nothing was left to try.
    private(set) package var isExhausted = false

    /// - Parameter keys: of each entry of the plan, in order.
    package init(keys: [[Int]], budget: Budget = Budget()) {
        (self.keys, self.budget) = (keys, budget)
    }

    package mutating func first() -> Step? {
        guard !keys.isEmpty, !keys[0].isEmpty else { return nil }
        attempts = 1
        return Step(entry: 0, key: keys[0][0])
    }

    /// The next try after one that failed; nil to give up.
    ///
    /// - Parameter elapsed: milliseconds since the first try began.
    package mutating func after(_ verdict: Verdict, elapsed: Int64) -> Step? {
        guard var step = next(after: verdict) else { return nil }
        guard attempts < budget.attempts, elapsed + Int64(step.pause) < budget.milliseconds else {
            isExhausted = true
            return nil
        }
        attempts += 1
        if step.entry == entry, step.key == keys[entry][key] {
            hasRepeated = true
        } else {
            hasRepeated = false
            step.pause = 0
            entry = step.entry
            key = keys[entry].firstIndex(of: step.key) ?? 0
        }
        return step
    }

    private func next(after verdict: Verdict) -> Step? {
        switch verdict {
        case .stop: return nil
        case .retrySameKey(let pause):
            let pause = pause ?? budget.pause
            if !hasRepeated, pause <= budget.longestPause {
                return Step(entry: entry, key: keys[entry][key], pause: pause)
            }
            return otherKey() ?? otherEntry()
        case .retryOtherKey: return otherKey() ?? otherEntry()
        case .retryOtherChannel: return otherEntry()
        }
    }

    private func otherKey() -> Step? {
        key + 1 < keys[entry].count ? Step(entry: entry, key: keys[entry][key + 1]) : nil
    }

    private func otherEntry() -> Step? {
        guard entry + 1 < keys.count, let first = keys[entry + 1].first else { return nil }
        return Step(entry: entry + 1, key: first)
    }
}
