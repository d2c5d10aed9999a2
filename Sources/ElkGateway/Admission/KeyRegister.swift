import ElkStorage
import Synchronization

/// The meters and budgets of all keys: they outlive the catalogs, which come and go.
package final class KeyRegister: Sendable {
    private struct State {
        var meters: [String: KeyMeter] = [:]
        var budgets: [String: KeyBudget] = [:]
    }

    private let state = Mutex(State())

    init() {}

    func meter(of keyID: String) -> KeyMeter {
        state.withLock { state in
            if let meter = state.meters[keyID] { return meter }
            let meter = KeyMeter()
            state.meters[keyID] = meter
            return meter
        }
    }

    /// The budget of a key as the database has it now; `isExact` is false when a write of ours was under way at that time.
    func budget(of key: Key, isExact: Bool) -> KeyBudget? {
        guard let most = key.budget else { return nil }
        return state.withLock { state in
            if let budget = state.budgets[key.id] {
                budget.update(budget: most, spent: isExact ? key.spent : nil)
                return budget
            }
            let budget = KeyBudget(budget: most, spent: key.spent)
            state.budgets[key.id] = budget
            return budget
        }
    }

    /// Forgets keys that are gone.
    ///
    /// Requests that run keep what they hold.
    func keep(only keyIDs: Set<String>) {
        state.withLock { state in
            state.meters = state.meters.filter { keyIDs.contains($0.key) }
            state.budgets = state.budgets.filter { keyIDs.contains($0.key) }
        }
    }

    func expire(now: Int64) -> Int {
        state.withLock { Array($0.budgets.values) }.reduce(0) { $0 + $1.expire(now: now) }
    }
}
