import ElkStorage
import ElkTestSupport
import Testing

struct BalanceTests {
    @Test func `credit and debit move money, each operation once`() async throws {
        let store = try await Fixture.store()
        try await Fixture.user("1", in: store)
        for _ in 0..<2 {
            let balance = try await store.credit(
                user: "1",
                amount: Fixture.dollars("5"),
                operation: "payment 7",
                note: "thanks",
                now: 1
            )
            #expect(balance == Fixture.dollars("5"))
        }
        for _ in 0..<2 {
            let balance = try await store.debit(
                user: "1",
                amount: Fixture.dollars("2"),
                operation: "refund 7",
                note: "",
                now: 2
            )
            #expect(balance == Fixture.dollars("3"))
        }
        #expect(try await store.user(id: "1").balance == Fixture.dollars("3"))
        #expect(try await store.verify().faults == [])
    }

    @Test func `an operation's name stands for one movement`() async throws {
        let store = try await Fixture.store()
        try await Fixture.user("1", balance: "5", in: store)
        try await Fixture.user("2", in: store)
        for (user, amount) in [("1", "6"), ("2", "5")] {
            let taken = await code {
                _ = try await store.credit(
                    user: user,
                    amount: Fixture.dollars(amount),
                    operation: "credit 1",
                    note: "",
                    now: 1
                )
            }
            #expect(taken == .conflict)
        }
    }

    @Test func `a debit above the balance moves nothing`() async throws {
        let store = try await Fixture.store()
        try await Fixture.user("1", balance: "5", in: store)
        let refused = await code {
            _ = try await store.debit(
                user: "1",
                amount: Fixture.dollars("5.000000001"),
                operation: "d",
                note: "",
                now: 1
            )
        }
        #expect(refused == .insufficientBalance)
        #expect(try await store.user(id: "1").balance == Fixture.dollars("5"))
        #expect(try await store.verify().movements == 1)
    }

    @Test func `amounts that are no amounts, or too many of them, are refused`() async throws {
        let store = try await Fixture.store()
        try await Fixture.user("1", in: store)
        func credit(_ amount: Money, _ operation: String, user: String = "1") async -> StorageError.Code? {
            await code {
                _ = try await store.credit(user: user, amount: amount, operation: operation, note: "", now: 1)
            }
        }
        #expect(await credit(.zero, "a") == .invalid)
        #expect(await credit(Money(nanoDollars: -1), "a") == .invalid)
        #expect(await credit(Money(nanoDollars: 1), "a", user: "nobody") == .notFound)
        #expect(await credit(.max, "a") == nil)
        #expect(await credit(Money(nanoDollars: 1), "b") == .overflow)
        #expect(try await store.user(id: "1").balance == .max)
    }

    @Test func `movements are listed newest first, page by page`() async throws {
        let store = try await Fixture.store()
        try await Fixture.user("1", in: store)
        for step in 1...5 {
            _ = try await store.credit(
                user: "1",
                amount: Money(nanoDollars: Int64(step)),
                operation: store.newID(at: Int64(step)),
                note: "step \(step)",
                now: Int64(step)
            )
        }
        let first = try await store.movements(user: "1", limit: 3)
        #expect(first.map(\.movement.note) == ["step 5", "step 4", "step 3"])
        #expect(first.first?.postings.map(\.account) == [.granted, .user])
        let second = try await store.movements(user: "1", before: first.last?.movement.id, limit: 3)
        #expect(second.map(\.movement.note) == ["step 2", "step 1"])
    }
}
