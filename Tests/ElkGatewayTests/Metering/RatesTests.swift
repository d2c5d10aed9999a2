import ElkGateway
import ElkStorage
import ElkWire
import Testing

@Suite struct RatesTests {
    private func rates(_ change: (inout Price) -> Void) -> Rates {
        var price = Price(model: "m", created: 0)
        change(&price)
        return Rates(price)
    }

    private func dollars(_ text: String) -> Money { Money(text) ?? .zero }

    @Test func `the worked example for gpt-4o holds`() {
        let rates = rates {
            $0.input = dollars("2.5"); $0.cacheRead = dollars("1.25"); $0.output = dollars("10")
        }
        let usage = Usage(inputTokens: 600, cacheReadTokens: 400, outputTokens: 200)
        #expect(rates.cost(of: usage, factor: 1_000_000) == dollars("0.004"))
    }

    @Test func `the worked example for claude-sonnet holds`() {
        let rates = rates {
            $0.input = dollars("3")
            $0.cacheRead = dollars("0.3")
            $0.cacheWrite = dollars("3.75")
            $0.output = dollars("15")
        }
        let usage = Usage(inputTokens: 100, cacheReadTokens: 900, cacheWriteTokens: 1_000, outputTokens: 50)
        #expect(rates.cost(of: usage, factor: 1_000_000) == dollars("0.00507"))
    }

    @Test func `every count has its rate`() {
        func cost(_ usage: Usage, _ change: (inout Price) -> Void) -> Int64? {
            rates(change).cost(of: usage, factor: 1_000_000)?.nanoDollars
        }
        let one = Money(nanoDollars: 1_000_000)
        #expect(cost(Usage(inputTokens: 3)) { $0.input = one } == 3)
        #expect(cost(Usage(cacheReadTokens: 3)) { $0.cacheRead = one } == 3)
        #expect(cost(Usage(cacheWriteTokens: 3)) { $0.cacheWrite = one } == 3)
        #expect(cost(Usage(cacheWriteLongTokens: 3)) { $0.cacheWriteLong = one } == 3)
        #expect(cost(Usage(inputTokens: 5, audioInputTokens: 3)) { $0.audioInput = one } == 3)
        #expect(cost(Usage(inputTokens: 5, imageInputTokens: 3)) { $0.imageInput = one } == 3)
        #expect(cost(Usage(outputTokens: 3)) { $0.output = one } == 3)
        #expect(cost(Usage(outputTokens: 5, reasoningTokens: 3)) { $0.reasoning = one } == 3)
        #expect(cost(Usage(outputTokens: 5, audioOutputTokens: 3)) { $0.audioOutput = one } == 3)
        #expect(cost(Usage(outputTokens: 5, imageOutputTokens: 3)) { $0.imageOutput = one } == 3)
        #expect(cost(Usage(characters: 3)) { $0.characters = one } == 3)
        #expect(cost(Usage(audioMilliseconds: 2_500)) { $0.audioSecond = one } == 2_500_000)
        #expect(cost(Usage(images: 3)) { $0.image = one } == 3_000_000)
        #expect(cost(Usage(requests: 3)) { $0.request = one } == 3_000_000)
        #expect(cost(Usage(searches: 3)) { $0.search = one } == 3_000_000)
    }

    @Test func `a rate that is not set falls back and one that is zero does not`() {
        let usage = Usage(
            inputTokens: 10,
            cacheReadTokens: 10,
            audioInputTokens: 10,
            outputTokens: 10,
            reasoningTokens: 10
        )
        let one = Money(nanoDollars: 1_000_000)
        #expect(
            rates {
                $0.input = one; $0.output = one
            }.cost(of: usage, factor: 1_000_000)?.nanoDollars == 30
        )
        let free = rates {
            $0.input = one; $0.output = one; $0.cacheRead = .zero; $0.reasoning = .zero
        }
        #expect(free.cost(of: usage, factor: 1_000_000)?.nanoDollars == 10)
    }

    @Test func `the sum is rounded up once`() {
        let rates = rates {
            $0.input = Money(nanoDollars: 1); $0.output = Money(nanoDollars: 1)
        }
        #expect(rates.cost(of: Usage(inputTokens: 1), factor: 1_000_000)?.nanoDollars == 1)
        #expect(rates.cost(of: Usage(inputTokens: 1, outputTokens: 1), factor: 1_000_000)?.nanoDollars == 1)
        #expect(rates.cost(of: Usage(inputTokens: 500_000, outputTokens: 500_000), factor: 1_000_000)?.nanoDollars == 1)
        #expect(rates.cost(of: Usage(inputTokens: 500_000, outputTokens: 500_001), factor: 1_000_000)?.nanoDollars == 2)
        #expect(rates.cost(of: Usage(inputTokens: 1_000_000), factor: 1)?.nanoDollars == 1)
        #expect(rates.cost(of: Usage(inputTokens: 1_000_000), factor: 0)?.nanoDollars == 0)
        #expect(rates.cost(of: Usage(), factor: 1_000_000)?.nanoDollars == 0)
    }

    @Test func `what does not fit is nil and never traps`() {
        let dear = rates { price in
            for field in [\Price.input, \.output, \.image, \.request, \.characters, \.audioSecond, \.cacheRead] {
                price[keyPath: field] = .max
            }
        }
        let usage = Usage(
            inputTokens: .max,
            cacheReadTokens: .max,
            outputTokens: .max,
            audioMilliseconds: .max,
            characters: .max,
            images: .max,
            requests: .max
        )
        #expect(dear.cost(of: usage, factor: .max) == nil)
        #expect(dear.cost(of: usage, factor: 1) == nil)
        #expect(dear.cost(of: Usage(inputTokens: 1_000_000), factor: 1_000_000) == .max)
        #expect(dear.cost(of: Usage(inputTokens: 1_000_001), factor: 1_000_000) == nil)
        #expect(dear.cost(of: usage, factor: -1) == .zero || dear.cost(of: usage, factor: -1) == nil)
    }

    @Test func `parts that are larger than the whole are not charged twice`() {
        let rates = rates {
            $0.output = Money(nanoDollars: 1_000_000); $0.reasoning = Money(nanoDollars: 2_000_000)
        }
        let usage = Usage(outputTokens: 10, reasoningTokens: 50, audioOutputTokens: 50, imageOutputTokens: 50)
        #expect(rates.cost(of: usage, factor: 1_000_000)?.nanoDollars == 20)
    }

    @Test func `an exact name comes first, then the longest prefix`() {
        func named(_ nano: Int64) -> Rates { rates { $0.request = Money(nanoDollars: nano) } }
        let list = PriceList([
            ("gpt-4*", named(1)), ("gpt-4o*", named(2)), ("gpt-4o", named(3)), ("*", named(4)), ("é*", named(5)),
        ])
        #expect(list.rates(for: "gpt-4o")?.request == 3)
        #expect(list.rates(for: "gpt-4o-mini")?.request == 2)
        #expect(list.rates(for: "gpt-4.1")?.request == 1)
        #expect(list.rates(for: "gpt-4")?.request == 1)
        #expect(list.rates(for: "claude")?.request == 4)
        #expect(list.rates(for: "état")?.request == 5)
        #expect(list.rates(for: "")?.request == 4)
        #expect(PriceList([("gpt*", named(1))]).rates(for: "gp") == nil)
        #expect(PriceList([(String, Rates)]()).rates(for: "x") == nil)
    }
}
