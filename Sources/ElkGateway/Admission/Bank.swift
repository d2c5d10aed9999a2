import ElkStorage
import Logging
import Synchronization

/// All wallets of this node, and what the database is asked for them: leases, refills, returns, heartbeats.
///
/// Its work is done in `Settlement`'s loop, one call to the database at a time, so that what a lease has left is never told by
/// two answers that crossed. Requests only read and draw, and wait for a refill when they must.
package final class Bank: Sendable {
    package struct Settings: Sendable {
        /// How long the database keeps leases for a node that is not heard of.
        package var leaseMilliseconds: Int64 = 30_000
        /// Rest after which a lease goes back.
        package var idleMilliseconds: Int64 = 5_000
        /// What is taken ahead of need, from and to; doubled while a user needs more within five seconds.
        package var slices: ClosedRange<Int64> = 50_000_000...5_000_000_000

        package init() {}
    }

    private struct State {
        var wallets: [String: Wallet] = [:]
        var due: [Wallet] = []
        var incarnation: String?
        var lastHeartbeat: Int64 = .min
        var lastTidy: Int64 = .min
        var lastSweep: Int64 = .min
        var isOpen = true
        var waiterSerial: UInt64 = 0
    }

    private let ledger: any Ledger
    private let node: String
    private let newIncarnation: @Sendable (Int64) -> String
    private let settings: Settings
    private let keys: KeyRegister
    private let lifetime = NodeLifetime()
    private let logger: Logger
    private let signal: Signal
    private let state = Mutex(State())
    private let expired = Atomic<Int>(0)

    init(
        ledger: any Ledger,
        node: String,
        newIncarnation: @escaping @Sendable (Int64) -> String,
        settings: Settings,
        keys: KeyRegister,
        signal: Signal,
        logger: Logger
    ) {
        self.ledger = ledger
        self.node = node
        self.newIncarnation = newIncarnation
        self.settings = settings
        self.keys = keys
        self.signal = signal
        self.logger = logger
    }

    /// The wallet of a user, the same one for as long as the process lives or until nobody needs it.
    package func wallet(of userID: String) -> Wallet {
        state.withLock { state in
            if let wallet = state.wallets[userID] { return wallet }
            let wallet = Wallet(userID: userID, lifetime: lifetime, slices: settings.slices)
            state.wallets[userID] = wallet
            return wallet
        }
    }

    /// Holds that were freed because their time was over.
    package var expiredHolds: Int { expired.load(ordering: .relaxed) }

    /// When the first of all open holds runs out.
    package var oldestExpiry: Int64? {
        state.withLock { Array($0.wallets.values) }.compactMap(\.oldestExpiry).min()
    }

    /// Asks for money ahead of need; returns at once.
    func wantsRefill(_ wallet: Wallet) {
        guard wallet.enqueueForRefill() else { return }
        state.withLock { $0.due.append(wallet) }
        signal.give()
    }

    /// Waits until the wallet has `amount` for us, or the database says that there is none.
    func wait(for amount: Money, in wallet: Wallet, expires: Int64) async -> Wallet.Grant {
        let ticket: UInt64? = state.withLock { state in
            guard state.isOpen else { return nil }
            state.waiterSerial += 1
            return state.waiterSerial
        }
        guard let ticket else { return .unavailable }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                wallet.wait(
                    Wallet.Waiter(
                        ticket: ticket,
                        amount: amount.nanoDollars,
                        expires: expires,
                        continuation: continuation
                    )
                )
                wantsRefill(wallet)
                // Closed or cancelled in the meantime: nobody would answer.
                if !state.withLock({ $0.isOpen }) { wallet.failWaiters() }
                if Task.isCancelled { wallet.leave(ticket) }
            }
        } onCancel: {
            wallet.leave(ticket)
        }
    }

    /// Money may have been paid in: believe no refusal of the past second.
    package func balancesChanged() {
        for wallet in state.withLock({ Array($0.wallets.values) }) { wallet.forgetDryness() }
    }
}

// MARK: The work, in the settlement's loop

extension Bank {
    /// Everything that is due by now.
    func step(now: Int64) async {
        await keepAlive(now: now)
        await refillDue(now: now)
        await tidy(now: now)
    }

    /// Enters the node, or tells the database that it lives, when a third of the lease's time has passed.
    private func keepAlive(now: Int64, isForced: Bool = false) async {
        let (incarnation, last) = state.withLock { ($0.incarnation, $0.lastHeartbeat) }
        let expires = now + settings.leaseMilliseconds
        do {
            guard let incarnation else { return try await enter(now: now) }
            guard isForced || last == .min || now - last >= settings.leaseMilliseconds / 3 || now < last else { return }
            if try await ledger.heartbeat(incarnation: incarnation, expires: expires) {
                state.withLock { $0.lastHeartbeat = now }
                lifetime.extend(to: expires)
            } else {
                logger.warning("this node was taken for dead: its leases went back, and it starts anew")
                lifetime.end()
                for wallet in state.withLock({ Array($0.wallets.values) }) { wallet.dropLease() }
                state.withLock { $0.incarnation = nil }
                try await enter(now: now)
            }
        } catch {
            logger.error("the database could not be told that this node lives", metadata: ["error": "\(error)"])
        }
    }

    private func enter(now: Int64) async throws(StorageError) {
        let incarnation = newIncarnation(now)
        let expires = now + settings.leaseMilliseconds
        let returned = try await ledger.startNode(
            Node(incarnation: incarnation, name: node, started: now, expires: expires),
            now: now
        )
        if returned.isPositive {
            logger.notice("money that an earlier run had on lease went back", metadata: ["amount": "\(returned)"])
        }
        state.withLock { state in
            state.incarnation = incarnation
            state.lastHeartbeat = now
        }
        lifetime.extend(to: expires)
    }

    private func refillDue(now: Int64) async {
        let due = state.withLock { state in
            defer { state.due = [] }
            return state.due
        }
        for wallet in due { await refill(wallet, now: now) }
    }

    private func refill(_ wallet: Wallet, now: Int64) async {
        // Somebody may begin to wait while the database is asked, hence more rounds than one.
        for round in 0..<4 {
            let wanted = wallet.beginRefill(now: now)
            guard let incarnation = state.withLock({ $0.incarnation }), lifetime.isValid(at: now) else {
                return wallet.failWaiters()
            }
            do {
                let grant = try await ledger.draw(
                    wanted,
                    minimum: Money(nanoDollars: 1),
                    from: wallet.userID,
                    node: incarnation,
                    now: now
                )
                guard wallet.endRefill(grant, wanted: wanted, now: now) else { return }
            } catch  where error.code == .notFound {
                // Either the node was taken for dead, which a heartbeat shows, or the user is gone, who has nothing then.
                if round == 0 {
                    await keepAlive(now: now, isForced: true)
                } else if !wallet.endRefill(nil, wanted: wanted, now: now) {
                    return
                }
            } catch {
                logger.error("no money could be leased", metadata: ["user": "\(wallet.userID)", "error": "\(error)"])
                return wallet.failWaiters()
            }
        }
        wantsRefill(wallet)
    }

    /// Once a second: holds past their time, leases that lie idle; less often: the leases of dead nodes.
    private func tidy(now: Int64) async {
        let (wallets, isSweepDue) = state.withLock { state -> ([Wallet], Bool) in
            guard state.lastTidy == .min || now - state.lastTidy >= 1_000 || now < state.lastTidy else {
                return ([], false)
            }
            state.lastTidy = now
            let isSweepDue = state.lastSweep == .min || now - state.lastSweep >= settings.leaseMilliseconds / 3
            if isSweepDue { state.lastSweep = now }
            return (Array(state.wallets.values), isSweepDue)
        }
        for wallet in wallets {
            let count = wallet.expire(now: now)
            if count > 0 {
                expired.add(count, ordering: .relaxed)
                logger.error("holds outlived their time", metadata: ["user": "\(wallet.userID)", "count": "\(count)"])
            }
            if let idle = wallet.idleReturn(now: now, after: settings.idleMilliseconds) {
                await giveBack(idle, of: wallet, now: now)
            }
        }
        expired.add(keys.expire(now: now), ordering: .relaxed)
        if isSweepDue { await expireNodes(now: now) }
    }

    private func giveBack(_ idle: (lease: String, amount: Money), of wallet: Wallet, now: Int64) async {
        do {
            _ = try await ledger.giveBack(lease: idle.lease, amount: idle.amount, now: now)
        } catch {
            logger.warning("an idle lease could not be given back", metadata: ["error": "\(error)"])
        }
        // Counted as gone either way: giving the same part back twice would take from what holds rest on.
        wallet.returned(lease: idle.lease, amount: idle.amount)
    }

    private func expireNodes(now: Int64) async {
        do {
            let returned = try await ledger.expireNodes(now: now)
            if returned.isPositive {
                logger.notice("money on lease to a node that is gone went back", metadata: ["amount": "\(returned)"])
            }
        } catch {
            logger.warning("the leases of dead nodes could not be looked for", metadata: ["error": "\(error)"])
        }
    }

    /// No more waiting, from now on.
    ///
    /// What is drawn stays drawn.
    func close() {
        let wallets = state.withLock { state in
            state.isOpen = false
            return Array(state.wallets.values)
        }
        for wallet in wallets { wallet.failWaiters() }
    }

    /// Everything is written: all leases go back.
    ///
    /// False: they return by themselves when their time is over.
    func leave(now: Int64) async -> Bool {
        guard let incarnation = state.withLock({ $0.incarnation }) else { return true }
        lifetime.end()
        do {
            _ = try await ledger.stopNode(incarnation: incarnation, now: now)
            state.withLock { $0.incarnation = nil }
            return true
        } catch {
            logger.error("this node's leases could not be given back", metadata: ["error": "\(error)"])
            return false
        }
    }
}
