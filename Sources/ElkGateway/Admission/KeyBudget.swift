package import ElkStorage
import Synchronization

/// What a key may spend in its life, held and settled as a user's balance is.
///
/// Exact for all requests of this process. What other processes on the database spend on the key is seen when the catalog is
/// read again, about a second later.
package final class KeyBudget: Sendable {
    private struct State {
        var budget: Int64
        /// In the database, as far as known here.
        var spent: Int128
        var held: Int128 = 0
        /// Charged and not written yet.
        var unwritten: Int128 = 0
        var holds: [UInt64: (amount: Int64, expires: Int64)] = [:]
        var serial: UInt64 = 0

        var available: Int128 { Int128(budget) - spent - held - unwritten }
    }

    package enum Refusal: Error, Sendable, Hashable {
        /// All of it is spent.
        case exhausted
        /// The rest does not cover this request.
        case tooSmall
    }

    private let state: Mutex<State>

    package init(budget: Money, spent: Money) {
        state = Mutex(State(budget: budget.nanoDollars, spent: Int128(spent.nanoDollars)))
    }

    func hold(_ amount: Money, expires: Int64) throws(Refusal) -> UInt64 {
        try state.withLock { state throws(Refusal) in
            guard state.spent + state.unwritten < Int128(state.budget) else { throw .exhausted }
            guard state.available >= Int128(amount.nanoDollars) else { throw .tooSmall }
            state.serial += 1
            state.holds[state.serial] = (amount.nanoDollars, expires)
            state.held += Int128(amount.nanoDollars)
            return state.serial
        }
    }

    /// Makes an open hold larger, when that is left.
    func extend(_ id: UInt64, by more: Money) -> Bool {
        state.withLock { state in
            guard let hold = state.holds[id], state.available >= Int128(more.nanoDollars) else { return false }
            state.holds[id]?.amount = hold.amount + more.nanoDollars
            state.held += Int128(more.nanoDollars)
            return true
        }
    }

    /// Makes an open hold smaller again.
    func shrink(_ id: UInt64, by less: Money) {
        state.withLock { state in
            guard let hold = state.holds[id], hold.amount >= less.nanoDollars else { return }
            state.holds[id]?.amount = hold.amount - less.nanoDollars
            state.held -= Int128(less.nanoDollars)
        }
    }

    /// Ends a hold; its cost counts at once and is `wrote` later.
    func close(_ id: UInt64, cost: Money) {
        state.withLock { state in
            if let hold = state.holds.removeValue(forKey: id) { state.held -= Int128(hold.amount) }
            state.unwritten += Int128(cost.nanoDollars)
        }
    }

    /// Frees what is held by those past their time; returns how many there were.
    func expire(now: Int64) -> Int {
        state.withLock { state in
            var count = 0
            for (id, hold) in state.holds where hold.expires <= now {
                state.holds.removeValue(forKey: id)
                state.held -= Int128(hold.amount)
                count += 1
            }
            return count
        }
    }

    func wrote(_ cost: Money) {
        state.withLock { state in
            state.unwritten -= Int128(cost.nanoDollars)
            state.spent += Int128(cost.nanoDollars)
        }
    }

    /// What the catalog says now.
    ///
    /// `spent` nil: it was read while a write of ours was under way, so our own count stands.
    func update(budget: Money, spent: Money?) {
        state.withLock { state in
            state.budget = budget.nanoDollars
            if let spent { state.spent = Int128(spent.nanoDollars) }
        }
    }

    package var openHolds: Int { state.withLock { $0.holds.count } }
    package var isExhausted: Bool { state.withLock { $0.spent + $0.unwritten >= Int128($0.budget) } }
    package var available: Money { state.withLock { Money(nanoDollars: Int64(clamping: $0.available)) } }
}
