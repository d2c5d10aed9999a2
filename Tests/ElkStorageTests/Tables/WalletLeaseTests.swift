import ElkStorage
import ElkTestSupport
import Testing

struct WalletLeaseTests {
    private func lease(
        _ store: Store,
        _ wanted: String,
        minimum: String = "0.01",
        node: String = "n"
    ) async throws -> LeaseGrant? {
        try await store.lease(
            user: "1",
            wanted: Fixture.dollars(wanted),
            minimum: Fixture.dollars(minimum),
            node: node,
            now: Fixture.now
        )
    }

    @Test func `a lease takes what is wanted, then what is left, then nothing`() async throws {
        let store = try await Fixture.store()
        try await Fixture.user("1", balance: "5", in: store)
        try await Fixture.start("n", in: store)
        let first = try #require(try await lease(store, "3"))
        #expect(first.added == Fixture.dollars("3"))
        let second = try #require(try await lease(store, "3"))
        #expect(second.added == Fixture.dollars("2"))
        #expect(second.lease.id == first.lease.id)
        #expect(second.lease.remaining == Fixture.dollars("5"))
        #expect(try await lease(store, "3") == nil)
        let user = try await store.user(id: "1")
        #expect(user.balance == .zero)
        #expect(user.reserved == Fixture.dollars("5"))
    }

    @Test func `less than the minimum is not leased`() async throws {
        let store = try await Fixture.store()
        try await Fixture.user("1", balance: "5", in: store)
        try await Fixture.start("n", in: store)
        #expect(try await lease(store, "9", minimum: "5.01") == nil)
        #expect(try await store.user(id: "1").balance == Fixture.dollars("5"))
        #expect(try await lease(store, "9", minimum: "5")?.added == Fixture.dollars("5"))
    }

    @Test func `a node that is not entered gets nothing`() async throws {
        let store = try await Fixture.store()
        try await Fixture.user("1", balance: "5", in: store)
        #expect(await code { _ = try await lease(store, "1") } == .notFound)
        #expect(await code { _ = try await lease(store, "1", minimum: "0") } == .invalid)
        #expect(await code { _ = try await lease(store, "1", minimum: "2") } == .invalid)
    }

    @Test func `a lease is given back in part, and whole when it ends`() async throws {
        let store = try await Fixture.store()
        try await Fixture.user("1", balance: "5", in: store)
        try await Fixture.start("n", in: store)
        let grant = try #require(try await lease(store, "4"))
        let part = try await store.giveBack(lease: grant.lease.id, amount: Fixture.dollars("1"), now: 1)
        #expect(part == Fixture.dollars("1"))
        #expect(try await store.leases().first?.remaining == Fixture.dollars("3"))
        #expect(try await store.giveBack(lease: grant.lease.id, now: 1) == Fixture.dollars("3"))
        #expect(try await store.leases().isEmpty)
        #expect(try await store.giveBack(lease: grant.lease.id, now: 1) == .zero)
        #expect(try await store.user(id: "1").balance == Fixture.dollars("5"))
        #expect(try await store.verify().faults == [])
    }

    @Test func `a dead node's leases return when its time has passed`() async throws {
        let store = try await Fixture.store()
        try await Fixture.user("1", balance: "5", in: store)
        try await Fixture.start("n", in: store)
        _ = try await lease(store, "4")
        #expect(try await store.heartbeat(incarnation: "n", expires: Fixture.now + 60_000))
        #expect(try await store.expireNodes(now: Fixture.now + 60_000) == .zero)
        #expect(try await store.expireNodes(now: Fixture.now + 60_001) == Fixture.dollars("4"))
        #expect(try await store.user(id: "1").balance == Fixture.dollars("5"))
        #expect(try await store.nodes().isEmpty)
        #expect(try await store.heartbeat(incarnation: "n", expires: .max) == false)
        #expect(await code { _ = try await lease(store, "1") } == .notFound)
    }

    @Test func `a node that starts again has its old leases back at once`() async throws {
        let store = try await Fixture.store()
        try await Fixture.user("1", balance: "5", in: store)
        try await Fixture.start("n1", name: "here", in: store)
        _ = try await lease(store, "5", node: "n1")
        let node = Node(incarnation: "n2", name: "here", started: 1, expires: .max)
        #expect(try await store.startNode(node, now: 1) == Fixture.dollars("5"))
        #expect(try await store.nodes() == [node])
        #expect(try await store.stopNode(incarnation: "n2", now: 2) == .zero)
    }

    @Test(.timeLimit(.minutes(2)))
    func `parallel nodes never lease more than there is`() async throws {
        let file = try TemporaryDatabase()
        let store = try await file.open()
        try await Fixture.user("1", balance: "1", in: store)
        var stores: [Store] = [store]
        for _ in 0..<3 { stores.append(try await file.open()) }
        for node in 0..<16 { try await Fixture.start("n\(node)", in: store) }
        let added = try await withThrowingTaskGroup(of: Money.self) { group in
            for node in 0..<16 {
                let store = stores[node % stores.count]
                group.addTask {
                    var sum = Money.zero
                    for _ in 0..<20 {
                        if let grant = try await lease(store, "0.013", node: "n\(node)") {
                            sum = try sum.adding(grant.added)
                        }
                    }
                    return sum
                }
            }
            return try await group.reduce(Money.zero) { try $0.adding($1) }
        }
        // All of it, but for what is less than the minimum.
        #expect(added <= Fixture.dollars("1") && added > Fixture.dollars("0.99"))
        let user = try await store.user(id: "1")
        #expect(user.reserved == added)
        #expect(try user.balance.adding(added) == Fixture.dollars("1"))
        #expect(try await store.verify().faults == [])
    }
}
