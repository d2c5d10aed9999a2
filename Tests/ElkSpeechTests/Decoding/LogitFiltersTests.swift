import Testing

@testable import ElkSpeech

struct LogitFiltersTests {
    private let special = SpecialTokens(vocabularySize: 51865)
    private let first = 50364
    private let end = 50257

    private func filters(nonSpeech: [Int] = [], timestamps: Bool = true, maxInitial: Double = 1) -> LogitFilters {
        LogitFilters(special: special, nonSpeech: nonSpeech, timestamps: timestamps, maxInitialTimestamp: maxInitial)
    }

    /// What is left of a row that is -10 but for `logits`, best first.
    private func top(
        _ filters: LogitFilters,
        _ logits: [Int: Float],
        after sampled: [Int],
        count: Int = 3
    ) -> [Int] {
        withRow(logits) { filters.distribution(of: $0, after: sampled).top(count) }
    }

    private func withRow<T>(_ logits: [Int: Float], background: Float = -10, _ body: (LogitRow) -> T) -> T {
        var values = [Float](repeating: background, count: 51865)
        for (token, logit) in logits { values[token] = logit }
        return values.withUnsafeMutableBufferPointer { body(LogitRow($0, row: 0, vocabulary: 51865)) }
    }

    @Test func `a window opens with a timestamp of at most one second`() {
        let logits: [Int: Float] = [100: 9, end: 8, first + 51: 7, first + 50: 6, first: 5]
        #expect(top(filters(), logits, after: [], count: 2) == [first + 50, first])
        #expect(top(filters(maxInitial: 0), logits, after: []) == [first])
        #expect(top(filters(maxInitial: 1e30), logits, after: [], count: 1) == [first + 51])
    }

    @Test func `without timestamps a window does not open with a space or the end, and has no timestamps`() {
        let logits: [Int: Float] = [220: 9, end: 8, first + 3: 7, special.noTimestamps: 6, 100: 5]
        #expect(top(filters(timestamps: false), logits, after: [], count: 1) == [100])
        #expect(top(filters(timestamps: false), logits, after: [100], count: 3) == [220, end, 100])
    }

    @Test func `non-speech tokens and special tokens are never sampled`() {
        let logits: [Int: Float] = [
            7: 9, special.noTimestamps: 9, special.noSpeech: 9, special.translate: 9, special.startOfTranscript: 9,
            special.firstLanguage + 4: 9, 300: 5, 200: 4,
        ]
        #expect(top(filters(nonSpeech: [7, 999_999]), logits, after: [first, 100], count: 2) == [300, 200])
    }

    @Test func `text follows the first timestamp and a closed pair`() {
        let logits: [Int: Float] = [first + 60: 9, 100: 5, end: 4]
        #expect(top(filters(), logits, after: [first], count: 2) == [100, end])
        #expect(top(filters(), logits, after: [first, 5, first + 50, first + 50], count: 2) == [100, end])
    }

    @Test func `after a closing timestamp comes one no earlier or the end`() {
        let logits: [Int: Float] = [100: 9, first + 49: 8, first + 50: 5, end: 4]
        #expect(top(filters(), logits, after: [first, 5, first + 50], count: 1) == [first + 50])
        #expect(top(filters(), [100: 9, end: 4], after: [first, 5, first + 50], count: 1) == [end])
    }

    @Test func `a segment ends later than it began`() {
        let logits: [Int: Float] = [first + 20: 9, first + 21: 8, first: 10]
        #expect(top(filters(), logits, after: [first + 20, 5], count: 1) == [first + 21])
        #expect(top(filters(), [:], after: [first + 1500, 5], count: 1) == [0])
    }

    @Test func `timestamps win when together they are likelier than the best text`() {
        // Two timestamps of logit 4 weigh as much as one of 4.69.
        #expect(top(filters(), [first + 5: 4, first + 6: 4, 100: 4.6], after: [first, 9], count: 1) == [first + 5])
        #expect(top(filters(), [first + 5: 4, first + 6: 4, 100: 4.8], after: [first, 9], count: 1) == [100])
    }

    @Test func `log-probabilities are those of what is left`() {
        let values = withRow([100: 1, 200: 1, 7: 50], background: -.infinity) { row in
            let distribution = filters(nonSpeech: [7]).distribution(of: row, after: [first, 9])
            return (distribution.logProbability(of: 100), distribution.logProbability(of: 200))
        }
        #expect(abs(values.0 - -0.693147) < 1e-5)
        #expect(values.0 == values.1)
    }

    @Test func `nonsense from the network leaves nothing to choose`() {
        for nonsense in [Float.nan, .infinity, -.infinity] {
            let isEmpty = withRow([:], background: nonsense) { row in
                let distribution = filters().distribution(of: row, after: [first, 9])
                return distribution.isEmpty && distribution.top(3).isEmpty
            }
            #expect(isEmpty)
        }
    }

    @Test func `a sample follows the probabilities at its temperature`() {
        var counts = [0, 0]
        withRow([100: 1, 200: 0], background: -.infinity) { row in
            let distribution = filters().distribution(of: row, after: [first, 9])
            for row in 0..<2000 {
                var generator = SeededGenerator(recording: 1, window: 0, temperature: 0.5, row: row)
                let token = distribution.sample(temperature: 0.5, using: &generator)
                counts[token == 100 ? 0 : 1] += token == 100 || token == 200 ? 1 : 100_000
            }
        }
        // softmax([2, 0]) = 0.881
        #expect((1700...1820).contains(counts[0]))
        #expect(counts[0] + counts[1] == 2000)
    }

    @Test func `the seed decides the numbers`() {
        func numbers(_ recording: UInt64, _ window: Int, _ temperature: Float, _ row: Int) -> [UInt64] {
            var generator = SeededGenerator(recording: recording, window: window, temperature: temperature, row: row)
            return (0..<3).map { _ in generator.next() }
        }
        #expect(numbers(1, 0, 0.2, 0) == numbers(1, 0, 0.2, 0))
        let others = [numbers(2, 0, 0.2, 0), numbers(1, 9, 0.2, 0), numbers(1, 0, 0.4, 0), numbers(1, 0, 0.2, 1)]
        #expect(Set(others + [numbers(1, 0, 0.2, 0)]).count == 5)
    }
}
