package import ElkStorage

/// List prices to start with, in dollars: what the providers asked when this was written. They change; an operator's own
/// prices are for the operator to keep.
package enum StarterPrices {
    /// Dollars for a million tokens: input, cached input, cache write, output.
    private static let tokens: [(model: String, input: String, cached: String?, write: String?, output: String)] = [
        ("gpt-5", "1.25", "0.125", nil, "10"), ("gpt-5-*", "1.25", "0.125", nil, "10"),
        ("gpt-5-mini*", "0.25", "0.025", nil, "2"), ("gpt-5-nano*", "0.05", "0.005", nil, "0.4"),
        ("gpt-4.1*", "2", "0.5", nil, "8"), ("gpt-4.1-mini*", "0.4", "0.1", nil, "1.6"),
        ("gpt-4.1-nano*", "0.1", "0.025", nil, "0.4"), ("gpt-4o*", "2.5", "1.25", nil, "10"),
        ("gpt-4o-mini*", "0.15", "0.075", nil, "0.6"), ("gpt-4-turbo*", "10", nil, nil, "30"),
        ("gpt-3.5-turbo*", "0.5", nil, nil, "1.5"), ("o1*", "15", "7.5", nil, "60"), ("o3*", "2", "0.5", nil, "8"),
        ("o3-mini*", "1.1", "0.55", nil, "4.4"), ("o4-mini*", "1.1", "0.275", nil, "4.4"),
        ("text-embedding-3-small", "0.02", nil, nil, "0"), ("text-embedding-3-large", "0.13", nil, nil, "0"),
        ("text-embedding-ada-002", "0.1", nil, nil, "0"), ("omni-moderation-*", "0", nil, nil, "0"),
        ("claude-opus-4*", "15", "1.5", "18.75", "75"), ("claude-sonnet-4*", "3", "0.3", "3.75", "15"),
        ("claude-3-7-sonnet*", "3", "0.3", "3.75", "15"), ("claude-3-5-sonnet*", "3", "0.3", "3.75", "15"),
        ("claude-haiku-4*", "1", "0.1", "1.25", "5"), ("claude-3-5-haiku*", "0.8", "0.08", "1", "4"),
        ("claude-3-haiku*", "0.25", "0.03", "0.3", "1.25"), ("gemini-2.5-pro*", "1.25", "0.31", nil, "10"),
        ("gemini-2.5-flash*", "0.3", "0.075", nil, "2.5"), ("gemini-2.5-flash-lite*", "0.1", "0.025", nil, "0.4"),
        ("gemini-2.0-flash*", "0.1", "0.025", nil, "0.4"), ("gemini-1.5-pro*", "1.25", "0.3125", nil, "5"),
        ("gemini-1.5-flash*", "0.075", "0.01875", nil, "0.3"), ("gemini-embedding-*", "0.15", nil, nil, "0"),
        ("deepseek-chat", "0.28", "0.028", nil, "0.42"), ("deepseek-reasoner", "0.28", "0.028", nil, "0.42"),
        ("grok-4*", "3", "0.75", nil, "15"), ("grok-3*", "3", "0.75", nil, "15"),
        ("grok-3-mini*", "0.3", "0.075", nil, "0.5"), ("mistral-large*", "2", nil, nil, "6"),
        ("mistral-medium*", "0.4", nil, nil, "2"), ("mistral-small*", "0.1", nil, nil, "0.3"),
        ("codestral*", "0.3", nil, nil, "0.9"), ("command-r-plus*", "2.5", nil, nil, "10"),
        ("command-r*", "0.15", nil, nil, "0.6"), ("command-a*", "2.5", nil, nil, "10"),
        ("embed-v4*", "0.12", nil, nil, "0"), ("kimi-k2*", "0.6", "0.15", nil, "2.5"),
        ("glm-4.5*", "0.6", "0.11", nil, "2.2"), ("qwen-max*", "1.6", nil, nil, "6.4"),
        ("qwen-plus*", "0.4", nil, nil, "1.2"), ("jina-embeddings-*", "0.05", nil, nil, "0"),
    ]

    package static func all(created: Int64) -> [Price] {
        var prices = tokens.map { row in
            var price = Price(model: row.model, input: Money(row.input), output: Money(row.output), created: created)
            price.cacheRead = row.cached.flatMap { Money($0) }
            price.cacheWrite = row.write.flatMap { Money($0) }
            return price
        }
        func add(_ model: String, _ set: (inout Price) -> Void) {
            var price = Price(model: model, created: created)
            set(&price)
            prices.append(price)
        }
        add("gpt-image-1*") { price in
            (price.input, price.imageInput, price.imageOutput) = (Money("5"), Money("10"), Money("40"))
            price.output = Money("40")
        }
        add("dall-e-3") { $0.image = Money("0.04") }
        add("dall-e-2") { $0.image = Money("0.02") }
        // $0.006 a minute.
        add("whisper-1") { $0.audioSecond = Money("0.0001") }
        add("gpt-4o-transcribe*") { $0.audioSecond = Money("0.0001") }
        add("gpt-4o-mini-transcribe*") { $0.audioSecond = Money("0.00005") }
        add("tts-1") { $0.characters = Money("15") }
        add("tts-1-hd") { $0.characters = Money("30") }
        add("gpt-4o-mini-tts*") { $0.characters = Money("12") }
        add("rerank-*") { $0.search = Money("0.002") }
        add("jina-reranker-*") { $0.input = Money("0.02") }
        return prices
    }
}
