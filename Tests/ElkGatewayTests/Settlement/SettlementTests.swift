import ElkStorage
import ElkTestSupport
import ElkWire
import Synchronization
import Testing

@testable import ElkGateway

@Suite struct SettlementTests {
    @Test(.timeLimit(.minutes(3))) func `of 200 parallel calls exactly those that the balance covers come in`()
        async throws
    {
        let probe = House()
        probe.ledger.credit("ann", 1_000_000_000)
        let each = try await probe.admit().hold
        each.release(because: Failure(.internal, "probe"))

        let house = House()
        house.ledger.credit("ann", each.amount.nanoDollars * 50 + each.amount.nanoDollars / 2)
        let service = Task { try await house.settlement.run() }
        let tickets = await withTaskGroup(of: Ticket?.self) { group in
            for _ in 0..<200 {
                group.addTask { try? await house.admission.admit(House.call(), from: House.client()) }
            }
            return await group.reduce(into: [Ticket]()) { tickets, ticket in ticket.map { tickets.append($0) } }
        }
        #expect(tickets.count == 50)
        #expect(house.ledger.audit() == [])
        for ticket in tickets { ticket.hold.settle(.done(input: 100, output: 100)) }
        service.cancel()
        _ = await service.result
        #expect(house.ledger.books.rows.values.count { $0.cost > 0 } == 50)
        #expect(house.ledger.audit() == [])
        #expect(house.settlement.occupied == 0)
    }

    @Test(.timeLimit(.minutes(3))) func `a settlement survives the cancellation of the request's task`() async throws {
        let house = House()
        house.ledger.credit("ann", 1_000_000_000)
        let service = Task { try await house.settlement.run() }
        let admitted = Names()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<100 {
                group.addTask {
                    guard let ticket = try? await house.admission.admit(House.call(), from: House.client()) else {
                        return
                    }
                    admitted.list.withLock { $0.append(ticket.hold.terms.requestID.description) }
                    try? await Task.sleep(for: .seconds(60))
                    #expect(Task.isCancelled)
                    ticket.hold.settle(.done(input: 10, output: 10))
                }
            }
            while admitted.list.withLock({ $0.count }) < 100 { try? await Task.sleep(for: .milliseconds(2)) }
            group.cancelAll()
        }
        house.clock.advance(1_000)
        while house.settlement.occupied > 0 { try await Task.sleep(for: .milliseconds(5)) }
        for id in admitted.list.withLock({ $0 }) { #expect(house.ledger.row(id)?.cost == 110_000) }
        service.cancel()
        _ = await service.result
        #expect(house.ledger.balance("ann") == 1_000_000_000 - 100 * 110_000)
    }

    @Test(.timeLimit(.minutes(3))) func `a waiter whose task is cancelled takes no money and no seat`() async throws {
        let house = House()
        house.ledger.credit("ann", 1_000_000_000)
        // No loop runs, so it waits for good.
        let request = Task { try await house.admission.admit(House.call(), from: House.client()) }
        while house.settlement.occupied == 0 { await Task.yield() }
        request.cancel()
        await #expect(throws: Failure.self) { try await request.value.hold.settle(.done(input: 1, output: 1)) }
        #expect(house.settlement.occupied == 0)
        await house.settlement.drain()
        #expect(house.ledger.balance("ann") == 1_000_000_000)
    }

    @Test func `the common case asks the database nothing`() async throws {
        let house = House()
        house.ledger.credit("ann", 100_000_000_000)
        try await house.admit().hold.settle(.done(input: 10, output: 10))
        await house.flush()
        let calls = house.ledger.calls
        for _ in 0..<1_000 {
            let ticket = try #require(
                try house.admission.admitNow(House.call(input: 1, output: "1"), from: House.client())
            )
            ticket.hold.settle(.done(input: 1, output: 1))
        }
        #expect(house.ledger.calls == calls)
        await house.flush()
        #expect(house.ledger.calls <= calls + 5)
        #expect(house.ledger.books.rows.count == 1_001)
    }

    @Test func `a batch that fails is written again and charged once`() async throws {
        let house = House()
        house.ledger.credit("ann", 1_000_000_000)
        let tickets = [try await house.admit(), try await house.admit()]
        for ticket in tickets { ticket.hold.settle(.done(input: 10, output: 10)) }
        for fault in [MemoryLedger.Fault.before, .after, .before] {
            house.ledger.setFault { fault }
            house.clock.advance(10_000)
            await house.settlement.step()
            #expect(house.settlement.counters.waiting == 2)
        }
        house.ledger.setFault { .none }
        house.clock.advance(10_000)
        await house.settlement.step()
        #expect(house.settlement.counters.waiting == 0 && house.settlement.occupied == 0)
        await house.settlement.drain()
        #expect(house.ledger.balance("ann") == 1_000_000_000 - 2 * 110_000)
        #expect(house.ledger.audit() == [])
    }

    @Test func `a shutdown waits for open requests and gives the leases back`() async throws {
        let house = House()
        house.ledger.credit("ann", 1_000_000_000)
        let hold = try await house.admit().hold
        async let drained: Void = house.settlement.drain()
        try await Task.sleep(for: .milliseconds(50))
        hold.settle(.done(input: 10, output: 10))
        await drained
        #expect(house.ledger.row(hold.terms.requestID.description)?.cost == 110_000)
        #expect(house.ledger.balance("ann") == 1_000_000_000 - 110_000)
        #expect(house.ledger.books.leases.isEmpty && house.ledger.books.nodes.isEmpty)
    }

    @Test func `after a crash the lease comes back and only what was not written is lost`() async throws {
        let ledger = MemoryLedger()
        ledger.credit("ann", 1_000_000_000)
        let first = House(ledger: ledger)
        try await first.admit().hold.settle(.done(input: 10, output: 10))
        await first.flush()
        try await first.admit().hold.settle(.done(input: 10, output: 10))
        // Gone without a word; the same node starts again.
        let second = House(clock: first.clock, ledger: ledger)
        await second.settlement.step()
        #expect(ledger.balance("ann") == 1_000_000_000 - 110_000)
        // A later word of the first changes what is written, and overdraws nothing.
        await first.flush()
        #expect(ledger.balance("ann") == 1_000_000_000 - 220_000)
        await second.settlement.drain()
        #expect(ledger.audit() == [])
    }

    @Test func `a node that stood still spends nothing from leases that went back`() async throws {
        let ledger = MemoryLedger()
        let clock = HandClock()
        let still = House(clock: clock, ledger: ledger, node: "a")
        let other = House(clock: clock, ledger: ledger, node: "b")
        ledger.credit("ann", 20_000_000)
        try await still.admit().hold.settle(.done(input: 10, output: 10))
        await other.settlement.step()
        for _ in 0..<5 {
            clock.advance(10_000)
            await other.settlement.step()
        }
        #expect(try still.admission.admitNow(House.call(), from: House.client()) == nil)
        var spent = 0
        while let ticket = try? await other.admit() {
            ticket.hold.settle(.done(input: 100, output: 100))
            spent += 1
        }
        #expect(spent > 10)
        await #expect(throws: Failure.self) { try await still.admit() }
        for house in [still, other] { await house.settlement.drain() }
        #expect(ledger.audit() == [] && ledger.balance("ann") >= 0)
    }

    @Test func `money that lies idle goes back to the balance`() async throws {
        let house = House()
        house.ledger.credit("ann", 1_000_000_000)
        try await house.admit().hold.settle(.done(input: 10, output: 10))
        await house.flush()
        #expect(house.ledger.balance("ann") < 1_000_000_000 - 110_000)
        house.clock.advance(6_000)
        await house.settlement.step()
        #expect(house.ledger.balance("ann") == 1_000_000_000 - 110_000)
    }

    @Test func `two nodes on one database cannot spend the same money`() async throws {
        let ledger = MemoryLedger()
        let clock = HandClock()
        ledger.credit("ann", 50_000_000)
        let houses = ["a", "b", "c"].map { House(clock: clock, ledger: ledger, node: $0) }
        var held: Int64 = 0
        var tickets: [Ticket] = []
        for round in 0..<300 {
            guard let ticket = try? await houses[round % 3].admit() else { continue }
            held += ticket.hold.amount.nanoDollars
            tickets.append(ticket)
        }
        #expect(held <= 50_000_000 && tickets.count > 30)
        for ticket in tickets { ticket.hold.settle(.done(input: 100, output: 100)) }
        for house in houses { await house.settlement.drain() }
        #expect(ledger.books.writtenOff == 0 && ledger.audit() == [])
    }

    @Test func `money that is paid in counts at once when the catalog is read again`() async throws {
        let house = House()
        house.ledger.credit("ann", 1)
        await #expect(throws: Failure.self) { try await house.admit() }
        house.ledger.credit("ann", 1_000_000_000)
        await #expect(throws: Failure.self) { try await house.admit() }
        house.catalogs.replace(with: House.snapshot())
        try await house.admit().hold.settle(.done(input: 1, output: 1))
    }

    @Test func `one row that cannot be written does not hold up the others`() async throws {
        let ledger = PoisonLedger()
        let house = House(ledger: ledger.inner, through: ledger)
        var ids: [String] = []
        for _ in 0..<20 {
            let ticket = try #require(try house.admission.admitNow(House.call(), from: House.client("sk-bob")))
            ids.append(ticket.hold.terms.requestID.description)
            ticket.hold.settle(.done(input: 1, output: 1))
        }
        ledger.poison.withLock { $0 = ids[7] }
        for _ in 0..<60 {
            house.clock.advance(10_000)
            await house.settlement.step()
        }
        #expect(ledger.inner.books.rows.count == 19)
        #expect(house.settlement.counters.waiting == 1)
        ledger.poison.withLock { $0 = nil }
        house.clock.advance(10_000)
        await house.settlement.step()
        #expect(ledger.inner.books.rows.count == 20)
    }
}

/// Takes everything but one row, for which it fails the whole batch.
private final class PoisonLedger: Ledger {
    let inner = MemoryLedger()
    let poison = Mutex<String?>(nil)

    func startNode(_ node: Node, now: Int64) async throws(StorageError) -> Money {
        try await inner.startNode(node, now: now)
    }

    func heartbeat(incarnation: String, expires: Int64) async throws(StorageError) -> Bool {
        try await inner.heartbeat(incarnation: incarnation, expires: expires)
    }

    func stopNode(incarnation: String, now: Int64) async throws(StorageError) -> Money {
        try await inner.stopNode(incarnation: incarnation, now: now)
    }

    func expireNodes(now: Int64) async throws(StorageError) -> Money { try await inner.expireNodes(now: now) }

    func draw(
        _ wanted: Money,
        minimum: Money,
        from user: String,
        node incarnation: String,
        now: Int64
    ) async throws(StorageError) -> (lease: WalletLease, added: Money)? {
        try await inner.draw(wanted, minimum: minimum, from: user, node: incarnation, now: now)
    }

    func giveBack(lease: String, amount: Money?, now: Int64) async throws(StorageError) -> Money {
        try await inner.giveBack(lease: lease, amount: amount, now: now)
    }

    func settle(_ batch: [SettledRequest], now: Int64) async throws(StorageError) -> SettlementReport {
        let poison = poison.withLock { $0 }
        guard !batch.contains(where: { $0.usage.id == poison }) else {
            throw StorageError(.invalid, "a row that cannot be written")
        }
        return try await inner.settle(batch, now: now)
    }
}

/// Texts from many tasks.
private final class Names: Sendable {
    let list = Mutex<[String]>([])
}
