import ElkStorage
import ElkWire
import Synchronization
import Testing

@testable import ElkGateway

@Suite struct HoldTests {
    private func house(_ balance: Int64 = 1_000_000_000) -> House {
        let house = House()
        house.ledger.credit("ann", balance)
        return house
    }

    @Test func `settling charges what it cost and frees the rest`() async throws {
        let house = house()
        let ticket = try await house.admit(House.call(output: "1000"))
        let receipt = ticket.hold.settle(.done(input: 1_000, output: 100))
        #expect(receipt?.cost == Money(nanoDollars: 2_000_000) && receipt?.basis == .reported)
        await house.flush()
        #expect(house.ledger.row(ticket.hold.terms.requestID.description)?.cost == 2_000_000)
        await house.settlement.drain()
        #expect(house.ledger.balance("ann") == 998_000_000)
        #expect(house.ledger.audit() == [])
    }

    @Test func `only the first ending counts`() async throws {
        let house = house()
        let ticket = try await house.admit()
        #expect(ticket.hold.settle(.done(input: 10, output: 10)) != nil)
        #expect(ticket.hold.settle(.done(input: 10, output: 10)) == nil)
        ticket.hold.release(because: Failure(.internal, "late"))
        await house.settlement.drain()
        #expect(house.ledger.books.rows.count == 1 && house.ledger.balance("ann") == 1_000_000_000 - 110_000)
    }

    @Test func `many threads end it once`() async throws {
        let house = house()
        let hold = try await house.admit().hold
        let ends = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<16 { group.addTask { hold.settle(.done(input: 10, output: 10)) != nil } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(ends == 1)
    }

    @Test func `a release costs nothing and leaves a row with what was tried`() async throws {
        let house = house()
        let hold = try await house.admit().hold
        let attempts = [AttemptRecord(channelID: "c1", keyIndex: 0, status: 500, failureCode: "bad", milliseconds: 5)]
        hold.release(because: Failure(.upstream, "no"), outcome: .upstreamFailure, attempts: attempts)
        await house.settlement.drain()
        #expect(house.ledger.balance("ann") == 1_000_000_000)
        #expect(house.ledger.row(hold.terms.requestID.description)?.cost == 0)
    }

    @Test func `a client that left before any upstream was asked pays nothing`() async throws {
        let house = house()
        #expect(try await house.admit().hold.settle(Ending(.clientAbort(drained: false), status: 499))?.cost == .zero)
        let attempts = [AttemptRecord(channelID: "c1", keyIndex: 0, status: 200, milliseconds: 5)]
        let left = Ending(.clientAbort(drained: false), status: 499, attempts: attempts)
        let cost = try await house.admit().hold.settle(left)?.cost ?? .zero
        #expect(cost.isPositive)
    }

    @Test func `an answer that outgrows its hold draws more, until there is no more`() async throws {
        let house = house(20_000_000)
        let hold = try await house.admit(House.call(input: 1, output: "100")).hold
        #expect(hold.covers(deliveredOutput: 400))
        #expect(hold.covers(deliveredOutput: 4_000))
        #expect(hold.amount.nanoDollars > 10_000_000)
        #expect(!hold.covers(deliveredOutput: 40_000))
        let receipt = hold.settle(Ending(.limitCut, deliveredOutput: 4_000, channelID: "c"))
        #expect(receipt?.basis == .counted)
        #expect(receipt?.cost.nanoDollars ?? .max <= 20_000_000)
        await house.settlement.drain()
        #expect(house.ledger.balance("ann") >= 0 && house.ledger.books.writtenOff == 0)
    }

    @Test func `a request that is paid part by part draws what it costs, and is charged that whatever its end`()
        async throws
    {
        let house = house(20_000_000)
        let hold = try await house.admit(House.call(input: 1, output: "100")).hold
        #expect(hold.covers(cost: Money(nanoDollars: 15_000_000)))
        #expect(hold.amount == Money(nanoDollars: 15_000_000))
        #expect(!hold.covers(cost: Money(nanoDollars: 25_000_000)))
        #expect(hold.covers(cost: Money(nanoDollars: 20_000_000)))
        var metered = Metered(hold.terms.rates, factor: hold.terms.factor)
        metered.add(Usage(inputTokens: 1_000, outputTokens: 500), hold.terms.rates, factor: hold.terms.factor)
        metered.add(Usage(outputTokens: 500), hold.terms.rates, factor: hold.terms.factor)
        metered.add(Usage(outputTokens: 500), nil, factor: hold.terms.factor)
        let receipt = hold.settle(Ending(.limitCut, metered: metered, channelID: "c"))
        #expect(receipt?.cost == Money(nanoDollars: 11_000_000) && receipt?.basis == .reported)
        #expect(receipt?.usage.outputTokens == 1_500)
        await house.settlement.drain()
        #expect(house.ledger.balance("ann") == 9_000_000)
        #expect(house.ledger.audit() == [])
    }

    @Test func `an unlimited account is covered without end`() async throws {
        let house = house()
        let hold = try await house.admit(House.call(output: "1"), House.client("sk-bob")).hold
        #expect(hold.covers(deliveredOutput: 1 << 40))
        hold.settle(.done(input: 1, output: 1))
    }

    @Test func `more than the hold is taken from the balance and never from below zero`() async throws {
        let house = house(3_000_000)
        let hold = try await house.admit(House.call(input: 1, output: "100")).hold
        #expect(hold.settle(.done(input: 0, output: 1_000))?.cost == Money(nanoDollars: 10_000_000))
        await house.settlement.drain()
        #expect(house.ledger.balance("ann") == 0)
        #expect(house.ledger.books.writtenOff == -7_000_000)
        #expect(house.settlement.counters.writtenOff == Money(nanoDollars: 7_000_000))
        #expect(house.ledger.audit() == [])
    }

    @Test func `what the upstream leaves out of its report comes from the request`() async throws {
        var price = Price(model: "test-model", created: 0)
        price.request = Money(nanoDollars: 500)
        price.image = Money(nanoDollars: 1_000)
        let house = House(snapshot: House.snapshot(prices: [price]))
        house.ledger.credit("ann", 1_000_000_000)
        let call = House.call(output: nil, extra: "\"n\":3,", endpoint: .imageGenerations)
        let receipt = try await house.admit(call).hold.settle(Ending(.completed, reported: Usage(inputTokens: 5)))
        #expect(receipt?.cost == Money(nanoDollars: 3_500))
    }

    @Test func `a report of nothing but zeros after output was delivered is no report`() async throws {
        let house = house()
        let silent = Ending(.completed, reported: Usage(), deliveredOutput: 400, channelID: "c")
        let receipt = try await house.admit().hold.settle(silent)
        #expect(receipt?.basis == .counted && receipt?.usage.outputTokens == 100)
        let empty = Ending(.completed, reported: Usage(), channelID: "c")
        #expect(try await house.admit().hold.settle(empty)?.basis == .reported)
    }

    #if DEBUG
    @Test func `a hold that is dropped stops a debug build`() async {
        await #expect(processExitsWith: .failure) {
            let house = House()
            house.ledger.credit("ann", 1_000_000_000)
            _ = try await house.admit()
        }
    }
    #endif

    @Test func `a hold that is dropped is let go and counted where builds do not stop`() async throws {
        Hold.allowsLeaks.store(true, ordering: .relaxed)
        defer { Hold.allowsLeaks.store(false, ordering: .relaxed) }
        let house = house()
        do { _ = try await house.admit() }
        #expect(house.settlement.counters.leakedHolds == 1)
        await house.settlement.drain()
        #expect(house.ledger.balance("ann") == 1_000_000_000 && house.settlement.occupied == 0)
    }
}
