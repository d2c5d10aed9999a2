package import ElkStorage
import Synchronization

/// One user's money on this node: a lease on the balance, from which holds are drawn without asking the database.
///
/// Several nodes on one database cannot spend the same money, because each draws from its own lease only. `Bank` fills it,
/// gives back what lies idle and renews it.
package final class Wallet: Sendable {
    /// How a wait for money ended.
    enum Grant: Sendable {
        case held(UInt64)
        /// The balance does not cover it.
        case refused
        /// The database could not be asked, or we are shutting down.
        case unavailable
    }

    struct Waiter: Sendable {
        var ticket: UInt64
        var amount: Int64
        var expires: Int64
        var continuation: CheckedContinuation<Grant, Never>
    }

    private struct State {
        var account: WalletState
        /// First come, first served.
        var waiters: [Waiter] = []
        var isQueued = false
    }

    package let userID: String
    private let lifetime: NodeLifetime
    private let state: Mutex<State>

    init(userID: String, lifetime: NodeLifetime, slices: ClosedRange<Int64>) {
        self.userID = userID
        self.lifetime = lifetime
        state = Mutex(State(account: WalletState(slices: slices)))
    }

    func draw(_ amount: Money, now: Int64, expires: Int64) -> WalletState.Draw {
        let isValid = lifetime.isValid(at: now)
        return state.withLock { state in
            // Nobody overtakes those who wait already.
            guard state.waiters.isEmpty else { return .short }
            return state.account.draw(amount.nanoDollars, now: now, leaseIsValid: isValid, expires: expires)
        }
    }

    func extend(_ id: UInt64, by more: Money, now: Int64) -> Bool {
        let isValid = lifetime.isValid(at: now)
        return state.withLock { $0.account.extend(id, by: more.nanoDollars, leaseIsValid: isValid) }
    }

    func close(_ id: UInt64, cost: Money) -> WalletState.Closed {
        state.withLock { $0.account.close(id, cost: cost.nanoDollars) }
    }

    /// Both at once, or a draw in between would see money twice.
    func wrote(lease: String, cost: Int128, remaining: Money?) {
        state.withLock { $0.account.wrote(lease: lease, cost: cost, remaining: remaining?.nanoDollars) }
    }

    /// For the bank's list of wallets to look after: true once until `beginRefill`.
    func enqueueForRefill() -> Bool {
        state.withLock { state in
            defer { state.isQueued = true }
            return !state.isQueued
        }
    }

    func wait(_ waiter: Waiter) {
        state.withLock { $0.waiters.append(waiter) }
    }

    /// The waiter's task was cancelled.
    func leave(_ ticket: UInt64) {
        let waiter = state.withLock { state -> Waiter? in
            guard let index = state.waiters.firstIndex(where: { $0.ticket == ticket }) else { return nil }
            return state.waiters.remove(at: index)
        }
        waiter?.continuation.resume(returning: .unavailable)
    }

    /// What to ask the database for.
    func beginRefill(now: Int64) -> Money {
        state.withLock { state in
            state.isQueued = false
            let waiting = state.waiters.reduce(Int128(0)) { $0 + Int128($1.amount) }
            return Money(nanoDollars: state.account.refill(waiting: waiting, now: now))
        }
    }

    /// The database's answer; true when somebody still waits who may yet be served.
    func endRefill(_ lease: (lease: WalletLease, added: Money)?, wanted: Money, now: Int64) -> Bool {
        let isValid = lifetime.isValid(at: now)
        let (resumed, waiting) = state.withLock { state -> ([(Waiter, Grant)], Bool) in
            if let lease {
                state.account.leased(
                    lease.lease.id,
                    remaining: lease.lease.remaining.nanoDollars,
                    added: lease.added.nanoDollars,
                    wanted: wanted.nanoDollars,
                    now: now
                )
            } else {
                state.account.foundDry(now: now)
            }
            var resumed: [(Waiter, Grant)] = []
            var waiting: [Waiter] = []
            for waiter in state.waiters {
                switch state.account.draw(waiter.amount, now: now, leaseIsValid: isValid, expires: waiter.expires) {
                case .held(let id, isLow: _): resumed.append((waiter, .held(id)))
                case .refused: resumed.append((waiter, .refused))
                case .short: waiting.append(waiter)
                }
            }
            state.waiters = waiting
            return (resumed, !waiting.isEmpty)
        }
        for (waiter, grant) in resumed { waiter.continuation.resume(returning: grant) }
        return waiting
    }

    /// Nobody could be asked: all who wait are told so.
    func failWaiters() {
        let waiters = state.withLock { state in
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.continuation.resume(returning: .unavailable) }
    }

    func expire(now: Int64) -> Int { state.withLock { $0.account.expire(now: now) } }
    func forgetDryness() { state.withLock { $0.account.forgetDryness() } }
    func dropLease() { state.withLock { $0.account.dropLease() } }

    func idleReturn(now: Int64, after idle: Int64) -> (lease: String, amount: Money)? {
        state.withLock { state in
            guard state.waiters.isEmpty, let part = state.account.idleReturn(now: now, after: idle) else { return nil }
            return (part.lease, Money(nanoDollars: part.amount))
        }
    }

    func returned(lease: String, amount: Money) {
        state.withLock { $0.account.returned(lease: lease, amount: amount.nanoDollars) }
    }

    var oldestExpiry: Int64? { state.withLock { $0.account.oldestExpiry } }
    package var openHolds: Int { state.withLock { $0.account.openHolds } }
    /// What can be drawn here without asking the database.
    package var available: Money { state.withLock { Money(nanoDollars: Int64(clamping: $0.account.available)) } }
}

/// How long the database counts this node's leases as ours: until the last heartbeat that it confirmed runs out.
///
/// A process that stood still (stopped, swapped out) past that must not spend from leases that may have gone back by now.
final class NodeLifetime: Sendable {
    private let validUntil = Atomic<Int64>(.min)
    /// Less than the whole time: the database's other clients have clocks of their own.
    private static let margin: Int64 = 2_000

    func extend(to expires: Int64) { validUntil.store(expires - Self.margin, ordering: .releasing) }
    func end() { validUntil.store(.min, ordering: .releasing) }
    func isValid(at now: Int64) -> Bool { now < validUntil.load(ordering: .acquiring) }
}
