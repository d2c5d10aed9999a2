package import ElkStorage

/// A price as the admin API and price files write it: decimal dollars as text, a rate that is not set left out.
package struct PriceView: Codable, Sendable {
    package var model: String
    /// For a million tokens.
    package var input: String?
    package var cache_read: String?
    package var cache_write: String?
    package var cache_write_1h: String?
    package var audio_input: String?
    package var image_input: String?
    package var output: String?
    package var reasoning: String?
    package var audio_output: String?
    package var image_output: String?
    /// For a million characters.
    package var characters: String?
    package var audio_second: String?
    package var image: String?
    package var search: String?
    package var request: String?

    package init(_ price: Price) {
        model = price.model
        for (view, rate) in Self.rates { self[keyPath: view] = price[keyPath: rate]?.description }
    }

    /// The record; nil when an amount is not one.
    package func price(created: Int64) -> Price? {
        var price = Price(model: model, created: created)
        for (view, rate) in Self.rates {
            guard let text = self[keyPath: view] else { continue }
            guard let money = Money(text) else { return nil }
            price[keyPath: rate] = money
        }
        return price
    }

    /// Every rate that is set, by the name it has here.
    package var named: [(name: String, amount: String)] {
        zip(Self.names, Self.rates).compactMap { name, path in self[keyPath: path.0].map { (name, $0) } }
    }

    package static let names = [
        "input", "cache_read", "cache_write", "cache_write_1h", "audio_input", "image_input", "output", "reasoning",
        "audio_output", "image_output", "characters", "audio_second", "image", "search", "request",
    ]

    private typealias Rate = (
        any WritableKeyPath<PriceView, String?> & Sendable, any WritableKeyPath<Price, Money?> & Sendable
    )

    private static let rates: [Rate] = [
        (\.input, \.input), (\.cache_read, \.cacheRead), (\.cache_write, \.cacheWrite),
        (\.cache_write_1h, \.cacheWriteLong), (\.audio_input, \.audioInput), (\.image_input, \.imageInput),
        (\.output, \.output), (\.reasoning, \.reasoning), (\.audio_output, \.audioOutput),
        (\.image_output, \.imageOutput), (\.characters, \.characters), (\.audio_second, \.audioSecond),
        (\.image, \.image), (\.search, \.search), (\.request, \.request),
    ]

    /// Sets a rate by its name; false when there is no such rate or the text is no amount.
    package mutating func set(_ name: String, _ amount: String) -> Bool {
        guard let index = Self.names.firstIndex(of: name), let money = Money(amount), !money.isNegative else {
            return false
        }
        self[keyPath: Self.rates[index].0] = amount
        return true
    }
}
