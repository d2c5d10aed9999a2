import ElkGateway
import ElkStorage
import ElkWire
import Testing

@Suite struct ListPricesTests {
    private let list = PriceList(ListPrices.all(created: 0).map { ($0.model, Rates($0)) })

    @Test func `every row has a price of its own`() {
        let prices = ListPrices.all(created: 7)
        #expect(Set(prices.map(\.model)).count == prices.count)
        for price in prices {
            let isModeration = price.model.contains("moderation")
            #expect(Rates(price).isFree == isModeration, "\(price.model)")
            #expect(price.created == 7)
        }
    }

    /// Model, and the contract's ratios: ratio 1 is two dollars for a million tokens of input.
    @Test(
        arguments: [
            ("gpt-4", 15, 2), ("gpt-4-turbo", 5, 3), ("gpt-4o-2024-08-06", 1.25, 4), ("gpt-4o-mini", 0.075, 4),
            ("gpt-4.1", 1, 4),
            ("gpt-4.1-mini", 0.2, 4), ("gpt-4.1-nano", 0.05, 4), ("gpt-5", 0.625, 8), ("gpt-5-mini", 0.125, 8),
            ("gpt-5-nano", 0.025, 8),
            ("o1", 7.5, 4), ("o1-mini", 0.55, 4), ("o1-pro", 75, 4), ("o3", 1, 4), ("o3-pro", 10, 4),
            ("o4-mini", 0.55, 4),
            ("claude-3-haiku-20240307", 0.125, 5), ("claude-haiku-4-5", 0.5, 5), ("claude-sonnet-4-5", 1.5, 5),
            ("claude-opus-4-1", 7.5, 5),
            ("claude-opus-4-5-20251101", 2.5, 5), ("claude-opus-4-6", 2.5, 5), ("gemini-1.5-pro", 1.25, 4),
            ("gemini-2.0-flash", 0.05, 4),
            ("gemini-2.5-pro", 0.625, 8), ("gemini-2.5-flash-lite", 0.05, 4), ("command-r-plus", 1.5, 5),
        ] as [(String, Double, Double)]
    )
    func `prices are the contract's ratios in dollars`(model: String, ratio: Double, completion: Double) throws {
        let rates = try #require(list.rates(for: model))
        #expect(rates.input == Int64((ratio * 2_000_000_000).rounded()))
        #expect(rates.output == Int64((ratio * completion * 2_000_000_000).rounded()))
    }

    @Test func `speech, pictures and audio have their own units`() {
        let rate = { (model: String, usage: Usage) in
            list.rates(for: model)?.cost(of: usage, factor: 1_000_000)?.description
        }
        #expect(rate("whisper-1", Usage(audioMilliseconds: 60_000)) == "0.006")
        #expect(rate("tts-1", Usage(characters: 1_000)) == "0.015")
        #expect(rate("dall-e-3", Usage(images: 2)) == "0.08")
        #expect(rate("gpt-4o-audio-preview", Usage(inputTokens: 1_000, audioInputTokens: 1_000)) == "0.04")
    }
}
