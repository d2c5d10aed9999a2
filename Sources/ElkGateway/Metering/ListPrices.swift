package import ElkStorage

/// What providers ask for well-known models, to start a price table from.
///
/// Taken in August 2026 from the ratios that gateways of this family ship with (contract 2.7) and from the public lists for what
/// those leave out. Providers change their prices when they like: an operator checks them, and nothing here changes by itself.
/// `elk prices` imports it; an import replaces rows of the same name and leaves others alone.
package enum ListPrices {
    /// When the table was made.
    package static let date = "2026-08"

    /// - Parameter created: Milliseconds since 1970, for the records.
    package static func all(created: Int64) -> [Price] {
        tokens.map { $0.price(created) } + special(created)
    }

    /// Dollars for a million tokens.
    ///
    /// A model's own dated versions share its price, hence the stars.
    private struct Row {
        var model: String
        var input: String
        var output: String
        var cacheRead: String?
        var cacheWrite: String?
        var cacheWriteLong: String?

        init(
            _ model: String,
            _ input: String,
            _ output: String,
            read: String? = nil,
            write: String? = nil,
            long: String? = nil
        ) {
            self.model = model
            self.input = input
            self.output = output
            (cacheRead, cacheWrite, cacheWriteLong) = (read, write, long)
        }

        func price(_ created: Int64) -> Price {
            var price = Price(model: model, input: Money(input), output: Money(output), created: created)
            price.cacheRead = cacheRead.flatMap { Money($0) }
            price.cacheWrite = cacheWrite.flatMap { Money($0) }
            price.cacheWriteLong = cacheWriteLong.flatMap { Money($0) }
            return price
        }
    }

    private static let tokens: [Row] = [
        // OpenAI
        Row("gpt-3.5-turbo*", "0.5", "1.5"), Row("gpt-4", "30", "60", read: "15"),
        Row("gpt-4-0*", "30", "60", read: "15"),
        Row("gpt-4-turbo*", "10", "30"), Row("gpt-4o*", "2.5", "10", read: "1.25"),
        Row("gpt-4o-mini*", "0.15", "0.6", read: "0.075"), Row("chatgpt-4o-latest", "5", "15"),
        Row("gpt-4.1*", "2", "8", read: "0.5"), Row("gpt-4.1-mini*", "0.4", "1.6", read: "0.1"),
        Row("gpt-4.1-nano*", "0.1", "0.4", read: "0.025"), Row("gpt-4.5-preview*", "75", "150", read: "37.5"),
        Row("gpt-5*", "1.25", "10", read: "0.125"), Row("gpt-5-mini*", "0.25", "2", read: "0.025"),
        Row("gpt-5-nano*", "0.05", "0.4", read: "0.005"), Row("o1*", "15", "60", read: "7.5"),
        Row("o1-mini*", "1.1", "4.4", read: "0.55"), Row("o1-pro*", "150", "600", read: "75"),
        Row("o3*", "2", "8", read: "0.5"), Row("o3-mini*", "1.1", "4.4", read: "0.55"), Row("o3-pro*", "20", "80"),
        Row("o4-mini*", "1.1", "4.4", read: "0.275"), Row("text-embedding-3-small", "0.02", "0"),
        Row("text-embedding-3-large", "0.13", "0"), Row("text-embedding-ada-002", "0.1", "0"),
        Row("omni-moderation-*", "0", "0"), Row("text-moderation-*", "0", "0"),
        // Anthropic: reading a cache costs a tenth, writing one for minutes a quarter more, for an hour twice as much.
        Row("claude-3-haiku*", "0.25", "1.25", read: "0.025", write: "0.3125", long: "0.5"),
        Row("claude-3-5-haiku*", "1", "5", read: "0.1", write: "1.25", long: "2"),
        Row("claude-haiku-4*", "1", "5", read: "0.1", write: "1.25", long: "2"),
        Row("claude-3-5-sonnet*", "3", "15", read: "0.3", write: "3.75", long: "6"),
        Row("claude-3-7-sonnet*", "3", "15", read: "0.3", write: "3.75", long: "6"),
        Row("claude-sonnet-4*", "3", "15", read: "0.3", write: "3.75", long: "6"),
        Row("claude-3-opus*", "15", "75", read: "1.5", write: "18.75", long: "30"),
        Row("claude-opus-4*", "15", "75", read: "1.5", write: "18.75", long: "30"),
        Row("claude-opus-4-5*", "5", "25", read: "0.5", write: "6.25", long: "10"),
        Row("claude-opus-4-6*", "5", "25", read: "0.5", write: "6.25", long: "10"),
        // Google
        Row("gemini-1.5-pro*", "2.5", "10"), Row("gemini-1.5-flash*", "0.15", "0.6"),
        Row("gemini-2.0-flash*", "0.1", "0.4"),
        Row("gemini-2.5-pro*", "1.25", "10", read: "0.3125"), Row("gemini-2.5-flash*", "0.3", "2.5", read: "0.075"),
        Row("gemini-2.5-flash-lite*", "0.1", "0.4", read: "0.025"), Row("gemini-3-pro*", "2", "12", read: "0.5"),
        Row("gemini-embedding-*", "0.15", "0"),
        // Others
        Row("deepseek-chat", "0.27", "1.1", read: "0.07"), Row("deepseek-reasoner", "0.55", "2.19", read: "0.14"),
        Row("grok-2*", "2", "10"), Row("grok-3*", "3", "15", read: "0.75"),
        Row("grok-3-mini*", "0.3", "0.5", read: "0.075"),
        Row("grok-4*", "3", "15", read: "0.75"), Row("command-r*", "0.5", "1.5"), Row("command-r-plus*", "3", "15"),
        Row("command-a*", "2.5", "10"), Row("embed-v4*", "0.12", "0"), Row("mistral-large*", "2", "6"),
        Row("mistral-medium*", "0.4", "2"), Row("mistral-small*", "0.1", "0.3"), Row("codestral*", "0.3", "0.9"),
        Row("kimi-k2*", "0.6", "2.5", read: "0.15"), Row("glm-4.5*", "0.6", "2.2", read: "0.11"),
        Row("qwen-max*", "1.6", "6.4"), Row("qwen-plus*", "0.4", "1.2"), Row("jina-embeddings-*", "0.05", "0"),
        Row("jina-reranker-*", "0.02", "0"),
    ]

    /// What is not, or not only, priced by tokens of text.
    private static func special(_ created: Int64) -> [Price] {
        func price(_ model: String, _ set: (inout Price) -> Void) -> Price {
            var price = Price(model: model, created: created)
            set(&price)
            return price
        }
        func audio(
            _ model: String,
            _ input: String,
            _ output: String,
            audio: String,
            audioOutput: String,
            read: String? = nil
        ) -> Price {
            price(model) { price in
                (price.input, price.output) = (Money(input), Money(output))
                (price.audioInput, price.audioOutput) = (Money(audio), Money(audioOutput))
                price.cacheRead = read.flatMap { Money($0) }
            }
        }
        return [
            audio("gpt-4o-audio*", "2.5", "10", audio: "40", audioOutput: "80"),
            audio("gpt-4o-mini-audio*", "0.15", "0.6", audio: "10", audioOutput: "20"),
            audio("gpt-realtime*", "4", "16", audio: "32", audioOutput: "64", read: "0.4"),
            // A cache serves text for less than audio; the dearer of both.
            audio("gpt-realtime-mini*", "0.6", "2.4", audio: "10", audioOutput: "20", read: "0.3"),
            audio("gpt-4o-realtime*", "5", "20", audio: "40", audioOutput: "80"),
            audio("gpt-4o-mini-realtime*", "0.6", "2.4", audio: "10", audioOutput: "20"),
            price("gpt-image-1*") { price in
                (price.input, price.imageInput) = (Money("5"), Money("10"))
                (price.output, price.imageOutput) = (Money("40"), Money("40"))
            },
            price("gemini-3-pro-image*") { price in
                (price.input, price.output, price.imageOutput) = (Money("2"), Money("12"), Money("120"))
            },
            price("dall-e-2") { $0.image = Money("0.02") },
            price("dall-e-3") { $0.image = Money("0.04") },
            price("imagen-3*") { $0.image = Money("0.03") },
            price("flux-1.1-pro*") { $0.image = Money("0.04") },
            // $0.006 a minute.
            price("whisper-1") { $0.audioSecond = Money("0.0001") },
            price("gpt-4o-transcribe*") { $0.audioSecond = Money("0.0001") },
            price("gpt-4o-mini-transcribe*") { $0.audioSecond = Money("0.00005") },
            price("tts-1") { $0.characters = Money("15") },
            price("tts-1-hd") { $0.characters = Money("30") },
            price("gpt-4o-mini-tts*") { $0.characters = Money("12") },
            price("rerank-*") { $0.search = Money("0.002") },
        ]
    }
}
