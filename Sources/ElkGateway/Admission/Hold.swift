package import ElkStorage
package import ElkWire
import Synchronization

/// Money, a place among the parallel requests and a place in the settlement's queue, reserved for one request.
///
/// Ends exactly once, by `settle` or `release`; what comes after the first does nothing. Both are synchronous, never fail and
/// touch no database, so no cancellation can lose them. A hold that is dropped without an end is a bug: debug builds stop, release builds
/// let it go as a gateway failure and count it.
package final class Hold: Sendable {
    /// What it is for and at which price: all that the settled row needs and the ending does not say.
    package struct Terms: Sendable {
        package var requestID: RequestID
        package var userID: String
        package var keyID: String?
        package var model: String
        package var endpoint: Endpoint
        package var streams: Bool
        package var group: String
        /// Parts per million.
        package var factor: Int
        /// Nil: nobody named a price, and the account does not need one.
        package var rates: Rates?
        package var estimate: Estimate
        package var address: String
        /// Milliseconds since 1970.
        package var started: Int64
        package var expires: Int64
    }

    /// What the request cost.
    package struct Receipt: Sendable, Hashable {
        package var cost: Money
        package var usage: Usage
        package var basis: Charge.Basis
    }

    /// The account and the limits that stand behind it.
    struct Backing: Sendable {
        var wallet: (wallet: Wallet, id: UInt64)?
        var budget: (budget: KeyBudget, id: UInt64)?
        var meter: (meter: KeyMeter, limits: KeyMeter.Limits)?
        /// Whether the user pays from a balance; else what it used is noted on its tab.
        var isPrepaid = false
    }

    private struct State {
        var amount: Money
        /// Output up to here is covered, in bytes.
        var coveredOutput: Int
        var isClosed = false
    }

    package let terms: Terms
    private let backing: Backing
    private let settlement: Settlement
    private let state: Mutex<State>

    init(_ terms: Terms, amount: Money, backing: Backing, settlement: Settlement) {
        self.terms = terms
        self.backing = backing
        self.settlement = settlement
        // Four bytes a token, as in the estimate.
        let covered = Estimate.saturated(terms.estimate.maxOutput, times: 4)
        state = Mutex(State(amount: amount, coveredOutput: covered))
    }

    deinit {
        guard !state.withLock({ $0.isClosed }) else { return }
        assert(
            Self.allowsLeaks.load(ordering: .relaxed),
            "a hold was dropped without settle or release: \(terms.requestID)"
        )
        settlement.countLeak()
        close(Ending(.gatewayFailure, status: 500, failureCode: "hold_dropped"))
    }

    /// For the test of `deinit` alone.
    static let allowsLeaks = Atomic(false)

    /// What is reserved now.
    package var amount: Money { state.withLock { $0.amount } }
    package var isClosed: Bool { state.withLock { $0.isClosed } }

    /// Ends the hold: charges what the ending costs and frees the rest.
    ///
    /// Nil when it had ended before.
    @discardableResult
    package func settle(_ ending: Ending) -> Receipt? {
        close(ending)
    }

    /// Ends the hold without a charge: the request was refused or failed before any output.
    ///
    /// The row still says what was tried.
    package func release(because failure: Failure, outcome: Outcome = .refused, attempts: [AttemptRecord] = []) {
        close(
            Ending(
                outcome,
                status: failure.status,
                failureCode: failure.code ?? failure.kind.rawValue,
                channelID: attempts.last?.channelID,
                attempts: attempts
            ),
            isFree: true
        )
    }

    /// Gives everything back without a row: the request is not over but goes on under the same id later, with a hold of its own.
    package func withdraw() {
        let isOpen = state.withLock { state in
            defer { state.isClosed = true }
            return !state.isClosed
        }
        guard isOpen else { return }
        if let (wallet, id) = backing.wallet { _ = wallet.close(id, cost: .zero) }
        if let (budget, id) = backing.budget { budget.close(id, cost: .zero) }
        if let (meter, limits) = backing.meter {
            let (entered, tokens) = (terms.started, terms.estimate.windowTokens)
            meter.leave(entered: entered, estimated: tokens, used: 0, limits: limits, now: settlement.time.now)
        }
        settlement.leaveSeat()
    }

    /// Whether the account can still pay for this much delivered output, drawing more where the hold is too small.
    ///
    /// Cheap while the hold suffices. False: cut the stream and settle as `.limitCut`.
    package func covers(deliveredOutput bytes: Int) -> Bool {
        guard !state.withLock({ bytes <= $0.coveredOutput || $0.isClosed }) else { return true }
        guard backing.wallet != nil || backing.budget != nil, let rates = terms.rates else { return true }
        // A quarter more than there is now, so that a long answer asks rarely; if that is too much, exactly what there is.
        return extend(to: bytes + bytes / 4 + 4_096, rates) || extend(to: bytes, rates)
    }

    /// Whether the account can pay this much in all, drawing more where the hold is too small.
    ///
    /// For requests that are paid part by part. False: no more is here now; more may come in a moment, as it has been asked for.
    package func covers(cost: Money) -> Bool {
        guard backing.wallet != nil || backing.budget != nil else { return true }
        return state.withLock { state in
            if state.isClosed { return true }
            return draw(cost, &state)
        }
    }

    private func extend(to bytes: Int, _ rates: Rates) -> Bool {
        guard let cost = rates.cost(of: terms.estimate.counted(deliveredOutput: bytes), factor: terms.factor) else {
            return false
        }
        return state.withLock { state in
            if state.isClosed { return true }
            guard draw(cost, &state) else { return false }
            state.coveredOutput = bytes
            return true
        }
    }

    /// Makes the hold as large as `cost`, when that is left.
    private func draw(_ cost: Money, _ state: inout State) -> Bool {
        guard cost > state.amount else { return true }
        let more = Money(nanoDollars: cost.nanoDollars - state.amount.nanoDollars)
        if let (budget, id) = backing.budget, !budget.extend(id, by: more) { return false }
        if let (wallet, id) = backing.wallet, !wallet.extend(id, by: more, now: settlement.time.now) {
            settlement.bank.wantsRefill(wallet)
            if let (budget, id) = backing.budget { budget.shrink(id, by: more) }
            return false
        }
        state.amount = cost
        return true
    }

    @discardableResult
    private func close(_ ending: Ending, isFree: Bool = false) -> Receipt? {
        let held: Money? = state.withLock { state in
            guard !state.isClosed else { return nil }
            state.isClosed = true
            return state.amount
        }
        guard let held else { return nil }
        let now = settlement.time.now
        var charge = charge(for: ending, held: held)
        if isFree { charge = Charge(cost: .zero, usage: Usage(), basis: .none) }

        var lease: String?
        if let (wallet, id) = backing.wallet { lease = wallet.close(id, cost: charge.cost).lease }
        if let (budget, id) = backing.budget { budget.close(id, cost: charge.cost) }
        if let (meter, limits) = backing.meter {
            let tokens = terms.estimate.windowTokens
            let used = charge.basis == .none ? 0 : min(Usage.limit, charge.usage.totalTokens)
            meter.leave(entered: terms.started, estimated: tokens, used: used, limits: limits, now: now)
        }
        settlement.enqueue(
            SettledCall(
                terms: terms,
                ending: ending,
                charge: charge,
                held: held,
                ended: now,
                lease: lease,
                isPrepaid: backing.isPrepaid,
                wallet: backing.wallet?.wallet,
                budget: backing.budget?.budget
            )
        )
        return Receipt(cost: charge.cost, usage: charge.usage, basis: charge.basis)
    }

    private func charge(for ending: Ending, held: Money) -> Charge {
        if let metered = ending.metered { return Charge(metered) }
        let (rates, factor) = (terms.rates, terms.factor)
        return Charge.of(
            ending.billedOutcome,
            reported: ending.believedUsage.map { $0.completed(by: terms.estimate.input) },
            counted: terms.estimate.counted(deliveredOutput: ending.deliveredOutput),
            hasOutput: ending.deliveredOutput > 0,
            held: held,
            policy: settlement.policy,
            price: { usage in rates.map { $0.cost(of: usage, factor: factor) } ?? .zero }
        )
    }
}

extension Ending {
    /// A client that left before any upstream was asked has cost nothing.
    fileprivate var billedOutcome: Outcome {
        if case .clientAbort = outcome, attempts.isEmpty, channelID == nil, deliveredOutput == 0 { return .refused }
        return outcome
    }
}

extension Ending {
    /// Some upstreams report zeros where they have not counted: with output delivered, that is no report.
    fileprivate var believedUsage: Usage? {
        guard let reported, deliveredOutput > 0, reported.totalTokens == 0 else { return reported }
        return reported.images > 0 || reported.characters > 0 || reported.audioMilliseconds > 0 ? reported : nil
    }
}

extension Usage {
    /// What upstreams leave out of their reports because the request says it already: that it was one request, how many
    /// pictures, characters or seconds.
    fileprivate func completed(by request: Usage) -> Usage {
        var usage = self
        if usage.requests == 0 { usage.requests = request.requests }
        if usage.images == 0 { usage.images = request.images }
        if usage.characters == 0 { usage.characters = request.characters }
        if usage.audioMilliseconds == 0 { usage.audioMilliseconds = request.audioMilliseconds }
        return usage
    }
}
