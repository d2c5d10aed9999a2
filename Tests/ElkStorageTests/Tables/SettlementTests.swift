import ElkStorage
import ElkTestSupport
import Testing

struct SettlementTests {
    private func leased(_ amount: String, balance: String) async throws -> (Store, String) {
        let store = try await Fixture.store()
        try await Fixture.user("1", balance: balance, in: store)
        try await Fixture.start("n", in: store)
        let grant = try await store.lease(
            user: "1",
            wanted: Fixture.dollars(amount),
            minimum: Money(nanoDollars: 1),
            node: "n",
            now: Fixture.now
        )
        return (store, try #require(grant).lease.id)
    }

    @Test func `a batch is paid from the lease, and a repeated batch moves nothing`() async throws {
        let (store, lease) = try await leased("3", balance: "5")
        try await Fixture.key("k", user: "1", in: store)
        var batch = (0..<10).map { Fixture.request("r\($0)", user: "1", cost: "0.1", lease: lease) }
        for index in batch.indices { batch[index].usage.keyID = "k" }
        let first = try await store.settle(batch, now: Fixture.now)
        #expect(first.written == 10)
        #expect(first.charged == Fixture.dollars("1"))
        #expect(first.remaining == [lease: Fixture.dollars("2")])
        let again = try await store.settle(batch, now: Fixture.now)
        #expect(again.written == 0)
        #expect(again.repeated == 10)
        #expect(again.charged == .zero)
        let user = try await store.user(id: "1")
        #expect(user.balance == Fixture.dollars("2"))
        #expect(user.reserved == Fixture.dollars("2"))
        let key = try await store.key(id: "k", owner: "1")
        #expect(key.spent == Fixture.dollars("1"))
        #expect(key.lastUsed == Fixture.now)
        #expect(try await store.verify().faults == [])
    }

    @Test func `a request twice in one batch counts once`() async throws {
        let (store, lease) = try await leased("3", balance: "3")
        let request = Fixture.request("r", user: "1", cost: "1", lease: lease)
        let report = try await store.settle([request, request], now: 1)
        #expect(report.written == 1)
        #expect(report.repeated == 1)
        #expect(report.remaining[lease] == Fixture.dollars("2"))
    }

    @Test func `a batch of old and new requests charges the new ones`() async throws {
        let (store, lease) = try await leased("3", balance: "3")
        let old = Fixture.request("old", user: "1", cost: "1", lease: lease)
        _ = try await store.settle([old], now: 1)
        let new = Fixture.request("new", user: "1", cost: "0.5", lease: lease)
        #expect(try await store.settle([old, new], now: 2).charged == Fixture.dollars("0.5"))
        #expect(try await store.verify().faults == [])
    }

    @Test func `what the lease lacks comes from the balance, and what that lacks is written off`() async throws {
        let (store, lease) = try await leased("1", balance: "3")
        let report = try await store.settle(
            [Fixture.request("r", user: "1", cost: "4.5", lease: lease)],
            now: 1
        )
        #expect(report.charged == Fixture.dollars("4.5"))
        #expect(report.writtenOff == Fixture.dollars("1.5"))
        let user = try await store.user(id: "1")
        #expect(user.balance == .zero && user.reserved == .zero)
        #expect(try await store.verify().faults == [])
    }

    @Test func `after its lease has expired a request is paid from the balance`() async throws {
        let (store, lease) = try await leased("2", balance: "3")
        _ = try await store.expireNodes(now: .max)
        let report = try await store.settle([Fixture.request("r", user: "1", cost: "0.5", lease: lease)], now: 1)
        #expect(report.writtenOff == .zero)
        #expect(report.remaining.isEmpty)
        #expect(try await store.user(id: "1").balance == Fixture.dollars("2.5"))
        #expect(try await store.verify().faults == [])
    }

    @Test func `another user's lease pays for nobody else`() async throws {
        let (store, lease) = try await leased("2", balance: "2")
        try await Fixture.user("2", balance: "1", in: store)
        let report = try await store.settle([Fixture.request("r", user: "2", cost: "1.5", lease: lease)], now: 1)
        #expect(report.writtenOff == Fixture.dollars("0.5"))
        #expect(try await store.leases().first?.remaining == Fixture.dollars("2"))
        #expect(try await store.verify().faults == [])
    }

    @Test func `an unlimited user's requests go on the tab`() async throws {
        let store = try await Fixture.store()
        let usage = Fixture.usage("r", user: User.localID, cost: "7")
        let report = try await store.settle([SettledRequest(usage: usage, payer: .tab)], now: 1)
        #expect(report.charged == Fixture.dollars("7"))
        #expect(report.writtenOff == .zero)
        let movement = try #require(try await store.movements(user: User.localID, limit: 1).first)
        #expect(movement.postings.map(\.account) == [.revenue, .tab])
        #expect(try await store.verify().faults == [])
    }

    @Test func `a request of nobody known, or of a removed user or key, is written all the same`() async throws {
        let (store, lease) = try await leased("2", balance: "2")
        try await Fixture.user("2", balance: "1", in: store)
        try await store.deleteUser(id: "2", now: 1)
        var removedKey = Fixture.request("c", user: "1", cost: "1", lease: lease)
        removedKey.usage.keyID = "gone"
        let report = try await store.settle(
            [
                Fixture.request("a", user: "nobody", cost: "1", lease: lease),
                SettledRequest(usage: Fixture.usage("t", user: "nobody", cost: "1"), payer: .tab),
                Fixture.request("b", user: "2", cost: "1", lease: nil), removedKey,
            ],
            now: 1
        )
        #expect(report.written == 4)
        #expect(report.writtenOff == Fixture.dollars("3"))
        #expect(try await store.verify().faults == [])
    }

    @Test func `a request without cost is written and moves nothing`() async throws {
        let (store, lease) = try await leased("2", balance: "2")
        let before = try await store.verify().movements
        let report = try await store.settle([Fixture.request("r", user: "1", cost: "0", lease: lease)], now: 1)
        #expect(report.written == 1)
        #expect(try await store.verify().movements == before)
        #expect(try await store.usage(id: "r", owner: "1").movement == nil)
    }

    @Test func `a negative cost is refused whole`() async throws {
        let (store, lease) = try await leased("2", balance: "2")
        let batch = [
            Fixture.request("a", user: "1", cost: "1", lease: lease),
            Fixture.request("b", user: "1", cost: "-1", lease: lease),
        ]
        #expect(await code { _ = try await store.settle(batch, now: 1) } == .invalid)
        #expect(await code { _ = try await store.usage(id: "a", owner: nil) } == .notFound)
    }

    @Test(arguments: [FaultyDatabase.Fault.statement(0), .statement(3), .statement(9), .commit, .answer])
    func `a batch that failed at any point is repeated and counts once`(fault: FaultyDatabase.Fault) async throws {
        let plan = FaultyDatabase.Plan()
        let database = FaultyDatabase(try Store.database(at: .memory), plan: plan)
        let store = try await Store(database, masterKey: TemporaryDatabase.masterKey, now: 0)
        try await Fixture.user("1", balance: "5", in: store)
        try await Fixture.start("n", in: store)
        let grant = try await store.lease(
            user: "1",
            wanted: Fixture.dollars("5"),
            minimum: Fixture.dollars("5"),
            node: "n",
            now: 1
        )
        let lease = try #require(grant).lease.id
        let batch = (0..<5).map { Fixture.request("r\($0)", user: "1", cost: "0.5", lease: lease) }
        plan.set { fault }
        #expect(await code { _ = try await store.settle(batch, now: 1) } == .engine)
        plan.set { nil }
        _ = try await store.settle(batch, now: 1)
        #expect(try await store.user(id: "1").reserved == Fixture.dollars("2.5"))
        let report = try await store.verify()
        #expect(report.faults == [])
        #expect(report.charged == Fixture.dollars("2.5"))
    }
}
