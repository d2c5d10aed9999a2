import ElkStorage
import ElkTestSupport
import Testing

struct CrashTests {
    /// The store is dropped without a goodbye and the file opened by another process, as after kill -9.
    @Test func `after a crash what was settled stays, and what was leased returns`() async throws {
        let file = try TemporaryDatabase()
        let batch: [SettledRequest]
        do {
            let store = try await file.open()
            try await Fixture.user("1", balance: "10", in: store)
            try await Fixture.start("first", name: "here", in: store)
            let grant = try await store.lease(
                user: "1",
                wanted: Fixture.dollars("6"),
                minimum: Fixture.dollars("1"),
                node: "first",
                now: 1
            )
            let lease = try #require(grant).lease.id
            batch = (0..<4).map { Fixture.request("r\($0)", user: "1", cost: "1", lease: lease) }
            // Two are settled; the others were still in memory.
            _ = try await store.settle(Array(batch[..<2]), now: 1)
        }
        let store = try await file.open()
        let before = try await store.user(id: "1")
        #expect(before.balance == Fixture.dollars("4"))
        #expect(before.reserved == Fixture.dollars("4"))
        let node = Node(incarnation: "second", name: "here", started: 2, expires: .max)
        #expect(try await store.startNode(node, now: 2) == Fixture.dollars("4"))
        let after = try await store.user(id: "1")
        #expect(after.balance == Fixture.dollars("8"))
        #expect(after.reserved == .zero)
        // A batch that is handed in again after the crash charges only what was not there yet.
        #expect(try await store.settle(batch, now: 3).charged == Fixture.dollars("2"))
        #expect(try await store.user(id: "1").balance == Fixture.dollars("6"))
        #expect(try await store.verify().faults == [])
    }
}
