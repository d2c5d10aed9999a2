package import ElkStorage
package import Logging
import NIOCore
import ServiceLifecycle
import Synchronization

/// Writes what requests cost, in batches, out of any client's reach.
///
/// `enqueue` is synchronous and never refuses: admission has taken a place in the queue for the request beforehand, and takes none
/// when all are taken, so the queue cannot grow past `Settings.capacity`. A batch that failed is written again, with the same ids,
/// which the database knows by then if it was written after all.
package final class Settlement: Service {
    package struct Settings: Sendable {
        /// Requests that may run or wait to be written at a time.
        package var capacity = 16_384
        /// Rows a transaction.
        package var batch = 512
        /// How long a row waits for others.
        package var intervalMilliseconds: Int64 = 200
        /// How long a shutdown waits for open requests and for the database.
        package var drainMilliseconds: Int64 = 10_000

        package init() {}
    }

    /// For metrics.
    package struct Counters: Sendable, Hashable {
        package var waiting = 0
        package var written = 0
        package var failedBatches = 0
        /// Rows that the database had before they were first sent: a request id was used twice.
        package var repeated = 0
        package var writtenOff = Money.zero
        package var leakedHolds = 0
    }

    private struct State {
        var queue = CircularBuffer<SettledCall>()
        var counters = Counters()
        /// Halved when a batch fails for its content, so that a row that cannot be written is alone in the end.
        var batchLimit: Int
        var failures = 0
        var retryAt: Int64 = .min
        var isStopping = false
    }

    package let bank: Bank
    package let keys = KeyRegister()
    package let policy: Charge.Policy
    package let time: TimeSource
    private let ledger: any Ledger
    private let settings: Settings
    private let logger: Logger
    private let signal: Signal
    private let state: Mutex<State>
    private let seats = Atomic<Int>(0)
    private let epoch = Atomic<Int>(0)

    /// - Parameter node: The same at each start on one data folder, and different from that of any other running process.
    package init(
        ledger: any Ledger,
        node: String,
        newIncarnation: @escaping @Sendable (Int64) -> String,
        settings: Settings = Settings(),
        bankSettings: Bank.Settings = Bank.Settings(),
        policy: Charge.Policy = Charge.Policy(),
        time: TimeSource = .system,
        logger: Logger
    ) {
        self.ledger = ledger
        self.settings = settings
        self.policy = policy
        self.time = time
        self.logger = logger
        signal = Signal()
        bank = Bank(
            ledger: ledger,
            node: node,
            newIncarnation: newIncarnation,
            settings: bankSettings,
            keys: keys,
            signal: signal,
            logger: logger
        )
        state = Mutex(State(batchLimit: settings.batch))
    }

    /// On the server's own database.
    package convenience init(
        store: Store,
        node: String,
        settings: Settings = Settings(),
        bankSettings: Bank.Settings = Bank.Settings(),
        policy: Charge.Policy = Charge.Policy(),
        time: TimeSource = .system,
        logger: Logger
    ) {
        self.init(
            ledger: store,
            node: node,
            newIncarnation: { store.newID(at: $0) },
            settings: settings,
            bankSettings: bankSettings,
            policy: policy,
            time: time,
            logger: logger
        )
    }

    package var counters: Counters {
        state.withLock { state in
            var counters = state.counters
            counters.waiting = state.queue.count
            return counters
        }
    }

    /// Requests that run or wait to be written.
    package var occupied: Int { seats.load(ordering: .relaxed) }

    // MARK: From the requests' path

    /// A place in the queue for a request to come; false: none is left, refuse it.
    ///
    /// Every place taken ends in one `enqueue` or `leaveSeat`.
    func takeSeat() -> Bool {
        guard seats.add(1, ordering: .relaxed).newValue <= settings.capacity else {
            seats.subtract(1, ordering: .relaxed)
            return false
        }
        return true
    }

    /// The request was refused before it had a hold.
    func leaveSeat() { seats.subtract(1, ordering: .relaxed) }

    func enqueue(_ call: SettledCall) {
        let isFull = state.withLock { state in
            state.queue.append(call)
            return state.queue.count >= state.batchLimit
        }
        if isFull { signal.give() }
    }

    func countLeak() { state.withLock { $0.counters.leakedHolds += 1 } }

    // MARK: The loop

    package func run() async throws {
        await withGracefulShutdownHandler {
            await loop()
        } onGracefulShutdown: {
            self.stop()
        }
    }

    private func stop() {
        state.withLock { $0.isStopping = true }
        signal.give()
    }

    private func loop() async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { [signal, settings] in
                while (try? await Task.sleep(for: .milliseconds(settings.intervalMilliseconds))) != nil {
                    signal.give()
                }
            }
            while !Task.isCancelled, !state.withLock({ $0.isStopping }) {
                await step()
                await signal.wait()
            }
            group.cancelAll()
        }
        // Storage carries a write out even when the task that asked is cancelled, so this needs no shield.
        await drain()
    }

    /// One round of the loop: everything that is due by now.
    ///
    /// Tests call it instead of `run`.
    package func step() async {
        let now = time.now
        await bank.step(now: now)
        await flush(now: now, all: false)
    }

    /// Writes until nothing is open or waiting any more, or the time for it is over; then gives the leases back.
    package func drain() async {
        // Who waits for money would wait for good: nothing is leased any more.
        bank.close()
        let start = time.now
        // The number of rounds bounds it, too: with a cancelled task sleeping takes no time, and a test's clock may stand still.
        var rounds = settings.drainMilliseconds / 20
        while seats.load(ordering: .relaxed) > 0, rounds > 0, time.now - start < settings.drainMilliseconds {
            await flush(now: time.now, all: true)
            guard seats.load(ordering: .relaxed) > 0 else { break }
            rounds -= 1
            try? await Task.sleep(for: .milliseconds(20))
        }
        await flush(now: time.now, all: true)
        let lost = state.withLock { $0.queue.count }
        if lost > 0 {
            logger.critical("settlements could not be written before the end", metadata: ["count": "\(lost)"])
        }
        _ = await bank.leave(now: time.now)
    }

    /// Whether reading the database now, and finding `epoch` unchanged afterwards, tells of no write that is under way.
    var flushEpoch: Int { epoch.load(ordering: .acquiring) }

    private func flush(now: Int64, all: Bool) async {
        while true {
            let batch = state.withLock { state -> [SettledCall] in
                guard now >= state.retryAt || all, let oldest = state.queue.first else { return [] }
                let isDue =
                    all || state.queue.count >= state.batchLimit || now - oldest.ended >= settings.intervalMilliseconds
                    || now < oldest.ended
                return isDue ? Array(state.queue.prefix(state.batchLimit)) : []
            }
            guard !batch.isEmpty, await write(batch, now: now) else { return }
        }
    }

    /// True: written, and the next batch may follow.
    private func write(_ batch: [SettledCall], now: Int64) async -> Bool {
        epoch.add(1, ordering: .acquiringAndReleasing)
        defer { epoch.add(1, ordering: .acquiringAndReleasing) }
        let report: SettlementReport
        do {
            report = try await ledger.settle(batch.map { $0.record() }, now: now)
        } catch {
            failed(error, count: batch.count, now: now)
            return false
        }
        release(batch, report)
        let isFirstTry = state.withLock { state in
            state.queue.removeFirst(batch.count)
            state.counters.written += report.written
            let isFirstTry = state.failures == 0
            if isFirstTry { state.counters.repeated += report.repeated }
            if let sum = try? state.counters.writtenOff.adding(report.writtenOff) { state.counters.writtenOff = sum }
            state.failures = 0
            state.retryAt = .min
            state.batchLimit = min(settings.batch, state.batchLimit * 2)
            return isFirstTry
        }
        seats.subtract(batch.count, ordering: .relaxed)
        if report.repeated > 0, isFirstTry {
            logger.error("request ids were used twice and not charged again", metadata: ["count": "\(report.repeated)"])
        }
        if report.writtenOff.isPositive {
            logger.warning("requests cost more than was held and left", metadata: ["amount": "\(report.writtenOff)"])
        }
        return true
    }

    /// What was set aside for these rows is spent now, in memory as in the database.
    private func release(_ batch: [SettledCall], _ report: SettlementReport) {
        var charges: [String: (wallet: Wallet, cost: Int128)] = [:]
        for call in batch {
            call.budget?.wrote(call.charge.cost)
            guard let lease = call.lease, let wallet = call.wallet else { continue }
            charges[lease, default: (wallet, 0)].cost += Int128(call.charge.cost.nanoDollars)
        }
        for (lease, charge) in charges {
            charge.wallet.wrote(lease: lease, cost: charge.cost, remaining: report.remaining[lease])
        }
    }

    private func failed(_ error: StorageError, count: Int, now: Int64) {
        let failures = state.withLock { state in
            state.failures += 1
            state.counters.failedBatches += 1
            switch error.code {
            case .busy, .engine: break
            default:
                // Not the database but a row: find it, and let the others pass.
                if count > 1 {
                    state.batchLimit = max(1, count / 2)
                } else if let row = state.queue.popFirst() {
                    state.queue.append(row)
                }
            }
            state.retryAt = now + min(5_000, 50 << Int64(min(state.failures, 7)))
            return state.failures
        }
        logger.error(
            "a batch of settlements was not written and will be tried again",
            metadata: ["error": "\(error)", "rows": "\(count)", "failures": "\(failures)"]
        )
    }
}
