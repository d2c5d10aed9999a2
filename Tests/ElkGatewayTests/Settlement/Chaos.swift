import ElkProviders
import ElkStorage
import ElkTestSupport
import ElkWire
import Synchronization

@testable import ElkGateway

/// Random interleavings of everything that moves money, against the real admission, wallets, holds and settlement of
/// two nodes on one ledger that fails, with a clock that jumps.
///
/// The same seed gives the same run.
final class Chaos {
    struct Plan {
        var seed: UInt64
        var steps: Int
        /// Endings that cost more than was held, nodes that stand still, and crashes: money may be written off then.
        var isHarsh: Bool
        /// In a thousand calls to the ledger, those that fail before, and those whose answer is lost.
        var faults = (before: 20, after: 20)
    }

    private final class Node {
        var house: House
        var open: [Ticket] = []
        /// What was settled here and may be lost only by a crash: the request's id and its price.
        var settled: [(id: String, cost: Int64)] = []
        var isStalled = false

        init(_ house: House) { self.house = house }
    }

    private let plan: Plan
    private var random: SeededRandom
    private let clock = HandClock()
    private let ledger = MemoryLedger()
    private var nodes: [Node] = []
    private(set) var faults: [String] = []
    private(set) var counts: [String: Int] = [:]
    private let calls: [Call]
    private let users = (0..<6).map { "user-\($0)" }
    private var paidIn: Int64 = 0

    init(_ plan: Plan) {
        self.plan = plan
        random = SeededRandom(seed: plan.seed)
        calls = [1, 20, 100, 400].map { House.call(input: Int($0), output: "\($0)") } + [House.call(output: nil)]
        nodes = ["a", "b"].map { name in Node(house(name)) }
        for user in users { pay(user, 30_000_000) }
    }

    private func house(_ name: String) -> House {
        var bank = Bank.Settings()
        bank.slices = 1_000_000...20_000_000
        // Holds and leases that run out leave costs without cover: a gentle run has none of that.
        if !plan.isHarsh { bank.leaseMilliseconds = 1 << 50 }
        var settings = Admission.Settings()
        settings.holdMilliseconds = plan.isHarsh ? 60_000 : 1 << 50
        settings.defaultMaxOutput = 200
        var settlement = Settlement.Settings()
        settlement.capacity = 200
        settlement.batch = 32
        return House(
            clock: clock,
            ledger: ledger,
            node: name,
            snapshot: snapshot(),
            settlementSettings: settlement,
            bankSettings: bank,
            settings: settings
        )
    }

    /// What a catalog would be read from: with what keys have spent, as the ledger knows it.
    private func snapshot() -> Snapshot {
        let accounts = users.enumerated().map { User(id: $1, name: $1, isUnlimited: $0 == 5, created: 0) }
        let keys = users.enumerated().map { index, user in
            House.key(user) { key in
                key.spent = Money(nanoDollars: ledger.spent("key-\(user)"))
                if index == 4 { key.budget = Money(nanoDollars: 500_000_000) }
                if index == 3 { key.maxParallel = 3 }
            }
        }
        return House.snapshot(keys: keys, users: accounts)
    }

    private func pay(_ user: String, _ amount: Int64) {
        ledger.credit(user, amount)
        paidIn += amount
    }

    private func note(_ what: String) { counts[what, default: 0] += 1 }
    private func chance(_ in1000: Int) -> Bool { Int.random(in: 0..<1_000, using: &random) < in1000 }
    private func pick(_ count: Int) -> Int { Int.random(in: 0..<count, using: &random) }

    // MARK: The run

    func run() async {
        for step in 0..<plan.steps {
            await act()
            if step % 997 == 0 { check() }
        }
        await finish()
    }

    private func act() async {
        let node = nodes[pick(nodes.count)]
        switch pick(1_000) {
        case 0..<380: admit(node)
        case 380..<620: settle(node)
        case 620..<660: release(node)
        case 660..<680: again(node)
        case 680..<720: extend(node)
        case 720..<900: await work(node)
        case 900..<970: clock.advance(Int64(pick(400)))
        case 970..<980: clock.advance(Int64(pick(12_000)))
        case 980..<990: pay(users[pick(users.count)], Int64(pick(10_000_000)))
        case 990..<995: node.house.catalogs.replace(with: snapshot())
        case 995..<997: crash(node)
        case 997..<998: stall(node)
        default: drop(node)
        }
    }

    private func admit(_ node: Node) {
        var call = calls[pick(calls.count)]
        call.id = RequestID(using: &random)
        let client = House.client("sk-" + users[pick(users.count)])
        do throws(Failure) {
            guard let ticket = try node.house.admission.admitNow(call, from: client) else { return note("short") }
            node.open.append(ticket)
            note("held")
        } catch {
            note(error.code ?? error.kind.rawValue)
        }
    }

    private func take(_ node: Node) -> Ticket? {
        guard !node.open.isEmpty else { return nil }
        let index = pick(node.open.count)
        node.open.swapAt(index, node.open.count - 1)
        return node.open.removeLast()
    }

    /// Ends a request in one of all ways.
    private func settle(_ node: Node) {
        guard let ticket = take(node) else { return }
        let most = max(1, ticket.hold.terms.estimate.maxOutput)
        let overrun = plan.isHarsh && chance(50) ? 20 : 1
        let output = pick(most * overrun + 1)
        let input = pick(ticket.hold.terms.estimate.input.inputTokens + 1)
        let attempts = [AttemptRecord(channelID: "c", keyIndex: 0, status: 200, milliseconds: 1)]
        let reported = Usage(inputTokens: input, outputTokens: output)
        let ending: Ending
        switch pick(8) {
        case 0: ending = Ending(.clientAbort(drained: false), deliveredOutput: output, status: 499, attempts: attempts)
        case 1: ending = Ending(.clientAbort(drained: true), reported: reported, status: 499, attempts: attempts)
        case 2: ending = Ending(.upstreamFailure, reported: reported, deliveredOutput: pick(100), attempts: attempts)
        case 3: ending = Ending(.upstreamFailure, status: 502, attempts: attempts)
        case 4: ending = Ending(.limitCut, deliveredOutput: output, attempts: attempts)
        case 5: ending = Ending(.gatewayFailure, status: 500, attempts: attempts)
        default: ending = Ending(.completed, reported: reported, attempts: attempts)
        }
        end(ticket, ending, at: node)
    }

    private func end(_ ticket: Ticket, _ ending: Ending, at node: Node) {
        guard let receipt = ticket.hold.settle(ending) else { return faults.append("a hold had ended already") }
        node.settled.append((ticket.hold.terms.requestID.description, receipt.cost.nanoDollars))
        note(ending.outcome.name)
        if chance(100), ticket.hold.settle(ending) != nil { faults.append("a hold ended twice") }
    }

    private func release(_ node: Node) {
        guard let ticket = take(node) else { return }
        ticket.hold.release(because: Failure(.upstream, "chaos"))
        node.settled.append((ticket.hold.terms.requestID.description, 0))
        note("released")
    }

    /// A settlement that is retried from outside: the same id in another batch.
    private func again(_ node: Node) {
        guard let old = node.settled.last, let ticket = take(node) else { return }
        // The hold ends as usual; what must not happen is a second movement under an id that is known.
        end(ticket, Ending(.completed, reported: Usage(inputTokens: 1, outputTokens: 1)), at: node)
        if let row = ledger.row(old.id), row.cost != old.cost {
            faults.append("\(old.id) cost \(row.cost), not \(old.cost)")
        }
    }

    private func extend(_ node: Node) {
        guard let ticket = node.open.last else { return }
        note(ticket.hold.covers(deliveredOutput: pick(8_000)) ? "covered" : "not covered")
    }

    private func work(_ node: Node) async {
        guard !node.isStalled else { return }
        setFaults()
        await node.house.settlement.step()
        ledger.setFault { .none }
        checkExpiry(of: node)
    }

    private func setFaults() {
        let draw = SeededSequence(random.next())
        let (before, after) = plan.faults
        ledger.setFault {
            let number = draw.next() % 1_000
            return number < before ? .before : number < before + after ? .after : .none
        }
    }

    /// The process is gone: what it had in memory is lost, and the same node starts again.
    private func crash(_ node: Node) {
        guard plan.isHarsh else { return }
        note("crash")
        for ticket in node.open { ticket.hold.release(because: Failure(.internal, "lost in the crash")) }
        node.open = []
        node.settled = node.settled.filter { settled in ledger.row(settled.id) != nil }
        let index = nodes.firstIndex { $0 === node } ?? 0
        nodes[index].house = house(index == 0 ? "a" : "b")
        nodes[index].isStalled = false
    }

    /// The process stands still, perhaps longer than its leases are kept.
    private func stall(_ node: Node) {
        guard plan.isHarsh else { return }
        note("stall")
        node.isStalled.toggle()
    }

    /// Requests that hang: their holds outlive their time.
    private func drop(_ node: Node) {
        guard plan.isHarsh else { return }
        note("hang")
        clock.advance(Int64(pick(90_000)))
    }

    // MARK: What must hold

    private func check() {
        faults += ledger.audit()
        if !plan.isHarsh, ledger.books.writtenOff != 0 { faults.append("\(ledger.books.writtenOff) written off") }
    }

    private func checkExpiry(of node: Node) {
        // Looked for once a second.
        let oldest = node.house.settlement.bank.oldestExpiry
        if let oldest, oldest + 1_000 < clock.now { faults.append("a hold is \(clock.now - oldest) ms over its time") }
    }

    private func finish() async {
        for node in nodes {
            node.isStalled = false
            while let ticket = take(node) { end(ticket, .done(input: 1, output: 1), at: node) }
            // One that crashed just now starts again first, which is when the leases of its former life go back.
            await node.house.settlement.step()
            for _ in 0..<100 where node.house.settlement.occupied > 0 {
                clock.advance(10_000)
                await node.house.settlement.step()
            }
            if node.house.settlement.occupied > 0 {
                faults.append("\(node.house.settlement.occupied) seats stay taken")
            }
            await node.house.settlement.drain()
        }
        check()
        for (id, cost) in nodes.flatMap(\.settled) {
            if ledger.row(id)?.cost != cost {
                faults.append("\(id) should cost \(cost): \(String(describing: ledger.row(id)))")
            }
        }
        let books = ledger.books
        if !books.leases.isEmpty { faults.append("leases stay open") }
        let balances = books.balances.values.reduce(Int128(0)) { $0 + Int128($1) }
        let gone = books.revenue + books.tab + books.writtenOff
        if balances + gone != Int128(paidIn) { faults.append("\(paidIn) paid in, \(balances) left, \(gone) spent") }
    }
}

/// Random numbers behind a reference, for a closure that may be called from anywhere.
private final class SeededSequence: Sendable {
    private let state: Mutex<SeededRandom>

    init(_ seed: UInt64) { state = Mutex(SeededRandom(seed: seed)) }
    func next() -> UInt64 { state.withLock { $0.next() } }
}
