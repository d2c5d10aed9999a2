package import ElkStorage
package import ElkWire

/// What a model costs, in nano-dollars: integers only, from the table to the bill.
///
/// Token rates are per million tokens. A rate that is not given falls back as its comment says; the fallback is made when the
/// price is read, so that every field here is a number.
package struct Rates: Sendable, Hashable {
    package var input: Int64 = 0
    /// Cached input that was read; else as `input`.
    package var cacheRead: Int64 = 0
    /// Input written to a cache for minutes; else as `input`.
    package var cacheWrite: Int64 = 0
    /// Input written to a cache for an hour; else as `cacheWrite`.
    package var cacheWriteLong: Int64 = 0
    /// The part of fresh input that is audio, or images; else as `input`.
    package var audioInput: Int64 = 0
    package var imageInput: Int64 = 0
    package var output: Int64 = 0
    /// The part of output that is reasoning, audio, or images; else as `output`.
    package var reasoning: Int64 = 0
    package var audioOutput: Int64 = 0
    package var imageOutput: Int64 = 0
    package var audioSecond: Int64 = 0
    /// Per million characters.
    package var characters: Int64 = 0
    package var image: Int64 = 0
    package var request: Int64 = 0
    package var search: Int64 = 0

    package init() {}

    /// The price of a usage, times the group's factor in parts per million; nil where it is more than money can hold.
    ///
    /// Everything is summed exactly and rounded once, up to the next nano-dollar: a bill is never more than a nano-dollar above
    /// the exact sum, and what cost something is never free.
    package func cost(of usage: Usage, factor: Int) -> Money? {
        var sum = Sum()
        let freshText = max(0, usage.inputTokens - usage.audioInputTokens - usage.imageInputTokens)
        sum.add(freshText, input)
        sum.add(min(usage.audioInputTokens, usage.inputTokens), audioInput)
        sum.add(min(usage.imageInputTokens, max(0, usage.inputTokens - usage.audioInputTokens)), imageInput)
        sum.add(usage.cacheReadTokens, cacheRead)
        sum.add(usage.cacheWriteTokens, cacheWrite)
        sum.add(usage.cacheWriteLongTokens, cacheWriteLong)
        // Parts of the output, each no more than what is left of it, so that a strange report is not counted twice.
        let reasoningTokens = min(usage.reasoningTokens, usage.outputTokens)
        let audioTokens = min(usage.audioOutputTokens, usage.outputTokens - reasoningTokens)
        let imageTokens = min(usage.imageOutputTokens, usage.outputTokens - reasoningTokens - audioTokens)
        sum.add(usage.outputTokens - reasoningTokens - audioTokens - imageTokens, output)
        sum.add(reasoningTokens, reasoning)
        sum.add(audioTokens, audioOutput)
        sum.add(imageTokens, imageOutput)
        sum.add(usage.audioMilliseconds, audioSecond, scale: 1_000)
        sum.add(usage.characters, characters)
        sum.add(usage.images, image, scale: 1_000_000)
        sum.add(usage.requests, request, scale: 1_000_000)
        sum.add(usage.searches, search, scale: 1_000_000)
        return sum.money(factor: factor)
    }

    /// Whether nothing costs anything.
    package var isFree: Bool { self == Rates() }

    /// Millionths of a nano-dollar, exactly; remembers that it overflowed.
    private struct Sum {
        private var millionths: Int128 = 0
        private var overflowed = false

        mutating func add(_ count: Int, _ rate: Int64, scale: Int128 = 1) {
            guard count > 0, rate > 0 else { return }
            let (product, tooLarge) = (Int128(count) * Int128(rate)).multipliedReportingOverflow(by: scale)
            let (total, tooMuch) = millionths.addingReportingOverflow(product)
            millionths = total
            overflowed = overflowed || tooLarge || tooMuch
        }

        func money(factor: Int) -> Money? {
            guard !overflowed else { return nil }
            let (scaled, tooLarge) = millionths.multipliedReportingOverflow(by: Int128(max(0, factor)))
            guard !tooLarge else { return nil }
            let (rounded, tooMuch) = scaled.addingReportingOverflow(999_999_999_999)
            guard !tooMuch else { return nil }
            return Int64(exactly: rounded / 1_000_000_000_000).map { Money(nanoDollars: $0) }
        }
    }
}

extension Rates {
    /// The stored price with every gap filled as the fields say.
    package init(_ price: Price) {
        func rate(_ money: Money?, or fallback: Int64 = 0) -> Int64 { money.map { max(0, $0.nanoDollars) } ?? fallback }
        input = rate(price.input)
        cacheRead = rate(price.cacheRead, or: input)
        cacheWrite = rate(price.cacheWrite, or: input)
        cacheWriteLong = rate(price.cacheWriteLong, or: cacheWrite)
        audioInput = rate(price.audioInput, or: input)
        imageInput = rate(price.imageInput, or: input)
        output = rate(price.output)
        reasoning = rate(price.reasoning, or: output)
        audioOutput = rate(price.audioOutput, or: output)
        imageOutput = rate(price.imageOutput, or: output)
        audioSecond = rate(price.audioSecond)
        characters = rate(price.characters)
        image = rate(price.image)
        request = rate(price.request)
        search = rate(price.search)
    }

    /// With its names, for explanations.
    var named: [(name: String, rate: Int64)] {
        [
            ("input", input), ("cache_read", cacheRead), ("cache_write", cacheWrite),
            ("cache_write_long", cacheWriteLong),
            ("audio_input", audioInput), ("image_input", imageInput), ("output", output), ("reasoning", reasoning),
            ("audio_output", audioOutput), ("image_output", imageOutput), ("audio_second", audioSecond),
            ("characters", characters), ("image", image), ("request", request), ("search", search),
        ]
    }

    /// The same price for a hold: the input as dear as any input of it could be, the output likewise.
    var dearest: Rates {
        var rates = self
        rates.input = max(input, cacheRead, cacheWrite, cacheWriteLong, audioInput, imageInput)
        rates.audioInput = rates.input
        rates.imageInput = rates.input
        rates.output = max(output, reasoning, audioOutput, imageOutput)
        return rates
    }
}
