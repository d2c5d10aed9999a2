import ElkGateway
import ElkStorage
import ElkTestSupport
import ElkWire
import Logging
import Synchronization
import Testing

/// The same code on the real database.
@Suite struct StoreTests {
    private struct Server {
        let settlement: Settlement
        let catalogs: Catalogs
        let loader: CatalogLoader
        let admission: Admission

        init(_ store: Store, node: String, clock: HandClock) async throws {
            let logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
            settlement = Settlement(store: store, node: node, time: clock.source, logger: logger)
            catalogs = Catalogs(settlement: settlement)
            loader = CatalogLoader(store: store, catalogs: catalogs, settlement: settlement, logger: logger)
            admission = Admission(catalogs: catalogs, settlement: settlement, settings: Admission.Settings())
            try await loader.reload()
        }

        func admit() async throws(Failure) -> Ticket {
            for _ in 0..<4 {
                if let ticket = try admission.admitNow(House.call(), from: House.client()) { return ticket }
                await settlement.step()
            }
            throw Failure(.unavailable, "no money came")
        }
    }

    private func prepare(_ store: Store, balance: Int64, budget: Money? = nil) async throws {
        try await store.createUser(User(id: "ann", name: "ann", created: 0))
        try await store.createKey(House.key("ann") { $0.budget = budget })
        try await store.savePrices([House.price])
        _ = try await store.credit(
            user: "ann",
            amount: Money(nanoDollars: balance),
            operation: "first",
            note: "",
            now: 0
        )
    }

    private func expectSound(_ store: Store, sourceLocation: SourceLocation = #_sourceLocation) async throws {
        let report = try await store.verify()
        #expect(report.faults == [], sourceLocation: sourceLocation)
    }

    @Test(.timeLimit(.minutes(3))) func `200 parallel calls on SQLite spend what there is and no more`() async throws {
        let database = try TemporaryDatabase()
        let clock = HandClock()
        let store = try await database.open()
        try await prepare(store, balance: 60_000_000)
        let server = try await Server(store, node: "a", clock: clock)
        let service = Task { try await server.settlement.run() }
        let tickets = await withTaskGroup(of: Ticket?.self) { group in
            for _ in 0..<200 {
                group.addTask { try? await server.admission.admit(House.call(), from: House.client()) }
            }
            return await group.reduce(into: [Ticket]()) { tickets, ticket in ticket.map { tickets.append($0) } }
        }
        let each = try #require(tickets.first).hold.amount.nanoDollars
        #expect(tickets.count == Int(60_000_000 / each))
        for ticket in tickets { ticket.hold.settle(.done(input: 100, output: 100)) }
        service.cancel()
        _ = await service.result
        let user = try await store.user(id: "ann")
        #expect(user.balance.nanoDollars == 60_000_000 - Int64(tickets.count) * 1_100_000 && user.reserved == .zero)
        try await expectSound(store)
        let row = try await store.usage(id: tickets[0].hold.terms.requestID.description, owner: "ann")
        #expect(row.cost.nanoDollars == 1_100_000 && row.outcome == "completed" && row.source == "reported")
        #expect(row.explanation.contains("\"basis\":\"reported\"") && row.attempts == "[]")
    }

    @Test func `a change of another process is seen and money of both stays whole`() async throws {
        let database = try TemporaryDatabase()
        let clock = HandClock()
        let (mine, theirs) = (try await database.open(), try await database.open())
        try await prepare(mine, balance: 30_000_000)
        let first = try await Server(mine, node: "a", clock: clock)
        let second = try await Server(theirs, node: "b", clock: clock)
        try await first.admit().hold.settle(.done(input: 10, output: 10))
        var key = try await mine.key(id: "key-ann", owner: nil)
        key.isEnabled = false
        try await theirs.updateKey(key)
        #expect(try await first.loader.reloadIfChanged())
        await #expect(throws: Failure.self) { try await first.admit() }
        key.isEnabled = true
        try await theirs.updateKey(key)
        _ = try await (first.loader.reloadIfChanged(), second.loader.reloadIfChanged())
        var tickets: [Ticket] = []
        for round in 0..<200 {
            guard let ticket = try? await (round % 2 == 0 ? first : second).admit() else { continue }
            tickets.append(ticket)
        }
        #expect(tickets.reduce(0) { $0 + $1.hold.amount.nanoDollars } <= 30_000_000)
        for ticket in tickets { ticket.hold.settle(.done(input: 100, output: 100)) }
        for server in [first, second] { await server.settlement.drain() }
        try await expectSound(mine)
        #expect(try await mine.verify().charged.nanoDollars == Int64(tickets.count) * 1_100_000 + 110_000)
    }

    @Test func `a budget on SQLite counts what was written and what was not`() async throws {
        let database = try TemporaryDatabase()
        let clock = HandClock()
        let store = try await database.open()
        try await prepare(store, balance: 1_000_000_000, budget: Money(nanoDollars: 10_000_000))
        let server = try await Server(store, node: "a", clock: clock)
        var spent: Int64 = 0
        for round in 0..<40 {
            if let ticket = try? await server.admit() {
                ticket.hold.settle(.done(input: 100, output: 100))
                spent += 1_100_000
            }
            if round % 3 == 0 {
                clock.advance(1_000)
                await server.settlement.step()
                try await server.loader.reload()
            }
        }
        #expect(spent == 9_900_000 || spent == 8_800_000)
        await server.settlement.drain()
        #expect(try await store.key(id: "key-ann", owner: nil).spent.nanoDollars == spent)
        try await expectSound(store)
    }

    @Test(.timeLimit(.minutes(2))) func `faults of the engine and restarts leave sound books`() async throws {
        let database = try TemporaryDatabase()
        let clock = HandClock()
        let plan = FaultyDatabase.Plan()
        let store = try await database.open(faults: plan)
        try await prepare(store, balance: 400_000_000)
        var settled: [String] = []
        var lost = 0
        for round in 0..<6 {
            plan.set { nil }
            let server = try await Server(store, node: "a", clock: clock)
            let faults: [FaultyDatabase.Fault?] = [nil, .statement(round), .commit, .answer, nil, .answer]
            let next = Turn(faults)
            plan.set { next.take() }
            for _ in 0..<30 {
                clock.advance(700)
                if let ticket = try? await server.admit() {
                    ticket.hold.settle(.done(input: 100, output: 100))
                    settled.append(ticket.hold.terms.requestID.description)
                }
                await server.settlement.step()
            }
            plan.set { nil }
            // Every other time it ends without a word.
            if round % 2 == 0 { await server.settlement.drain() } else { lost += server.settlement.counters.waiting }
        }
        let server = try await Server(store, node: "a", clock: clock)
        await server.settlement.step()
        await server.settlement.drain()
        try await expectSound(store)
        let report = try await store.verify()
        let user = try await store.user(id: "ann")
        // What waited at an end without a word is there when only its answer was lost, and else nowhere.
        var written = 0
        for id in settled {
            if (try? await store.usage(id: id, owner: "ann"))?.cost.nanoDollars == 1_100_000 { written += 1 }
        }
        #expect(settled.count - written <= lost)
        #expect(report.charged.nanoDollars == Int64(written) * 1_100_000)
        #expect(user.balance.nanoDollars == 400_000_000 - report.charged.nanoDollars && user.reserved == .zero)
        #expect(settled.count > 60)
    }
}

/// One thing after the other, around and around.
private final class Turn<Item: Sendable>: Sendable {
    private let items: [Item?]
    private let position = Atomic<Int>(0)

    init(_ items: [Item?]) { self.items = items }
    func take() -> Item? { items[position.add(1, ordering: .relaxed).oldValue % items.count] }
}
