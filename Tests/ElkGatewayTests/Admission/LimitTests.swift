import ElkGateway
import ElkProviders
import ElkStorage
import ElkWire
import Testing

@Suite struct LimitTests {
    private func house(_ change: @escaping (inout Key) -> Void) -> House {
        House(snapshot: House.snapshot(keys: [House.key("bob", change: change)]))
    }

    private func admit(_ house: House, _ call: Call = House.call()) throws(Failure) -> Ticket {
        guard let ticket = try house.admission.admitNow(call, from: House.client("sk-bob")) else {
            throw Failure(.internal, "bob needs no wallet")
        }
        return ticket
    }

    private func end(_ ticket: Ticket) { ticket.hold.release(because: Failure(.internal, "end of test")) }

    @Test func `requests per minute count down exactly and come back`() throws {
        let house = house { $0.requestsPerMinute = 3 }
        for left in [2, 1, 0] {
            let ticket = try admit(house)
            #expect(ticket.readings.requests?.remaining == left)
            let headers = Dictionary(uniqueKeysWithValues: ticket.rateLimitHeaders.map { ($0.name, $0.value) })
            #expect(
                headers["x-ratelimit-limit-requests"] == "3" && headers["x-ratelimit-remaining-requests"] == "\(left)"
            )
            #expect(headers["x-ratelimit-limit-tokens"] == nil)
            end(ticket)
        }
        let failure = #expect(throws: Failure.self) { try admit(house) }
        #expect(failure?.status == 429 && failure?.code == "rate_limit_exceeded" && failure?.shouldRetry == true)
        house.clock.advance(Int64(failure?.retryAfterMilliseconds ?? 0) - 1)
        #expect(throws: Failure.self) { try admit(house) }
        house.clock.advance(1)
        end(try admit(house))
    }

    @Test func `tokens per minute are estimated first and corrected at the end`() throws {
        let house = house { $0.tokensPerMinute = 1_000 }
        let ticket = try admit(house, House.call(input: 100, output: "700"))
        let estimated = try #require(ticket.readings.tokens)
        #expect(estimated.remaining < 200)
        #expect(throws: Failure.self) { try admit(house, House.call(input: 100, output: "200")) }
        ticket.hold.settle(.done(input: 90, output: 10))
        let next = try admit(house, House.call(input: 100, output: "700"))
        #expect(next.readings.tokens?.remaining == estimated.remaining - 100)
        next.hold.settle(.done(input: 90, output: 2_000))
        let failure = #expect(throws: Failure.self) { try admit(house, House.call(input: 1, output: "1")) }
        #expect(failure?.status == 429)
    }

    @Test func `a request over the whole limit of tokens is told not to try again`() {
        let house = house { $0.tokensPerMinute = 1_000 }
        let failure = #expect(throws: Failure.self) { try admit(house, House.call(output: "5000")) }
        #expect(failure?.status == 429 && failure?.shouldRetry == false && failure?.retryAfterMilliseconds == nil)
    }

    @Test func `a refused request counts for nothing`() throws {
        let house = house { key in
            key.requestsPerMinute = 2
            key.tokensPerMinute = 10_000
            key.budget = Money(nanoDollars: 10_000_000)
        }
        for _ in 0..<5 {
            let failure = #expect(throws: Failure.self) { try admit(house, House.call(output: "5000")) }
            #expect(failure?.code == "pre_consume_token_quota_failed")
        }
        let ticket = try admit(house, House.call(output: "10"))
        #expect(ticket.readings.requests?.remaining == 1)
        end(ticket)
    }

    @Test func `parallel requests are counted until each ends, however it ends`() throws {
        let house = house { $0.maxParallel = 2 }
        let first = try admit(house)
        let second = try admit(house)
        #expect(throws: Failure.self) { try admit(house) }
        first.hold.settle(Ending(.clientAbort(drained: false), attempts: []))
        let third = try admit(house)
        #expect(throws: Failure.self) { try admit(house) }
        second.hold.settle(Ending(.gatewayFailure, status: 500))
        second.hold.settle(Ending(.gatewayFailure, status: 500))
        let fourth = try admit(house)
        #expect(throws: Failure.self) { try admit(house) }
        end(third)
        end(fourth)
        end(try admit(house))
    }

    @Test func `limits live on when the catalog is read again`() throws {
        let house = house { $0.requestsPerMinute = 1 }
        end(try admit(house))
        house.catalogs.replace(with: House.snapshot(keys: [House.key("bob") { $0.requestsPerMinute = 1 }]))
        #expect(throws: Failure.self) { try admit(house) }
        house.catalogs.replace(with: House.snapshot(keys: [House.key("bob") { $0.requestsPerMinute = 2 }]))
        end(try admit(house))
    }

    @Test func `a budget pays for exactly what it covers`() async throws {
        // Each call: 100 output tokens at $10 a million, and its input.
        let house = house { $0.budget = Money(nanoDollars: 10_000_000) }
        var open: [Ticket] = []
        while let ticket = try? admit(house, House.call(input: 100, output: "100")) { open.append(ticket) }
        let each = try #require(open.first).hold.amount.nanoDollars
        #expect(open.count == Int(10_000_000 / each))
        for ticket in open { ticket.hold.settle(.done(input: 0, output: 50)) }
        await house.flush()
        #expect(house.ledger.spent("key-bob") == Int64(open.count) * 500_000)
        // Spent to the end, one by one.
        var failure: Failure?
        var spent = Int64(open.count) * 500_000
        while failure == nil {
            do throws(Failure) {
                let ticket = try admit(house, House.call(input: 100, output: "100"))
                ticket.hold.settle(.done(input: 0, output: 100))
                spent += 1_000_000
            } catch {
                failure = error
            }
        }
        #expect(failure?.code == "pre_consume_token_quota_failed" && spent <= 10_000_000 && spent > 10_000_000 - each)
    }

    @Test func `a budget that is spent makes the key exhausted`() throws {
        let house = house { $0.budget = Money(nanoDollars: 2_000_000) }
        let ticket = try admit(house, House.call(input: 1, output: "100"))
        ticket.hold.settle(.done(input: 0, output: 200))
        let failure = #expect(throws: Failure.self) { try admit(house) }
        #expect(failure?.status == 401 && failure?.code == "api_key_exhausted")
    }

    @Test func `a raised budget counts at once, with what was spent so far`() throws {
        let house = house { $0.budget = Money(nanoDollars: 2_000_000) }
        try admit(house, House.call(input: 1, output: "100")).hold.settle(.done(input: 0, output: 200))
        #expect(throws: Failure.self) { try admit(house) }
        let raised = House.key("bob") { key in
            key.budget = Money(nanoDollars: 4_000_000)
            key.spent = .zero
        }
        house.catalogs.replace(with: House.snapshot(keys: [raised]))
        let ticket = try admit(house, House.call(input: 1, output: "100"))
        #expect(ticket.access.credential?.budget?.available.nanoDollars ?? 0 < 1_000_000)
        end(ticket)
    }
}
