import Glibc
import Testing

@testable import ElkSpeech

struct TokenSearchTests {
    private typealias Text = ScriptedText
    private let end = ScriptedText.special.endOfText
    private let start = ScriptedText.special.startOfTranscript

    /// Runs `search` on text without timestamps, where `next` gives the probabilities after what was sampled.
    private func found(
        _ search: some TokenSearch,
        limit: Int = 20,
        _ next: @escaping ([Int]) -> [Int: Float]
    ) -> (hypotheses: [Hypothesis], steps: Int) {
        var search = search
        let network = ScriptedNetwork { _, tokens in
            next(Array(tokens.dropFirst())).mapValues { $0.logarithm }
        }
        func rows(_ logits: UnsafeMutableBufferPointer<Float>) -> [LogitRow] {
            (0..<logits.count / 51865).map { LogitRow(logits, row: $0, vocabulary: 51865) }
        }
        var logits = network.prefill([start], logitsAt: [0])
        for _ in 0..<limit {
            guard let step = search.advance(rows(logits)) else { break }
            if network.rows.count == 1 {
                network.fork(into: step.sources.count)
            } else {
                network.rearrange(step.sources)
            }
            logits = network.step(step.tokens)
        }
        return (search.hypotheses, network.steps)
    }

    private var filters: LogitFilters {
        LogitFilters(special: Text.special, nonSpeech: [], timestamps: false, maxInitialTimestamp: 1)
    }

    private func selection(temperature: Float, samples: Int = 1, seed: UInt64 = 1) -> TokenSelection {
        TokenSelection(
            filters: filters,
            temperature: temperature,
            generators: (0..<samples).map {
                SeededGenerator(recording: seed, window: 0, temperature: temperature, row: $0)
            }
        )
    }

    /// Greedy choice goes wrong at the first token: 1 is likelier, but what follows it is not.
    private func garden(_ sampled: [Int]) -> [Int: Float] {
        switch sampled {
        case []: [1: 0.6, 2: 0.4]
        case [1]: [3: 0.4, 4: 0.3, 5: 0.3]
        case [2]: [6: 0.99, 7: 0.01]
        default: [end: 1]
        }
    }

    @Test func `greedy choice takes the likeliest token each time and counts the end's probability`() {
        let result = found(selection(temperature: 0), garden).hypotheses
        #expect(result.map(\.tokens) == [[1, 3]])
        #expect(abs(result[0].sum - (Float(0.6 * 0.4)).logarithm) < 1e-4)
        #expect(abs(result[0].averageLogProbability - result[0].sum / 3) < 1e-6)
    }

    @Test func `a beam finds the better path`() {
        let result = found(BeamSearch(filters: filters, width: 2, patience: 1), garden).hypotheses
        #expect(result.best(lengthPenalty: nil)?.tokens == [2, 6])
        #expect(result.count == 2)
        #expect(abs(result[0].sum - (Float(0.4 * 0.99)).logarithm) < 1e-4)
    }

    @Test func `a beam stops at as many ended texts as its patience asks for`() {
        let endless: ([Int]) -> [Int: Float] = { $0.isEmpty ? [1: 0.5, 2: 0.5] : [end: 0.5, 3: 0.3, 4: 0.2] }
        let one = found(BeamSearch(filters: filters, width: 2, patience: 1), endless)
        let two = found(BeamSearch(filters: filters, width: 2, patience: 2), endless)
        let half = found(BeamSearch(filters: filters, width: 2, patience: 0.5), endless)
        #expect(one.hypotheses.map(\.tokens) == [[1], [2]])
        #expect(two.hypotheses.count == 4)
        #expect(two.hypotheses.prefix(2).map(\.tokens) == [[1], [2]])
        #expect(one.steps < two.steps)
        // One ended text is enough, and the beam is filled up with the best that goes on.
        #expect(half.hypotheses.map(\.tokens) == [[1], [1, 3]])
    }

    @Test func `a beam finds the same whoever looks through its rows, in whatever order`() throws {
        let equals: ([Int]) -> [Int: Float] = { sampled in
            sampled.count > 6 ? [end: 1] : [1: 0.2, 2: 0.2, 3: 0.2, 4: 0.2, 5: 0.2]
        }
        let alone = found(BeamSearch(filters: filters, width: 5, patience: 1), equals)
        let backwards = BeamSearch(filters: filters, width: 5, patience: 1) { count, body in
            (0..<count).reversed().forEach(body)
        }
        let pool = try ThreadPool(threads: 3)
        let shared = BeamSearch(filters: filters, width: 5, patience: 1, share: pool.run)
        #expect(alone.hypotheses.count == 5)
        for other in [found(backwards, equals), found(shared, equals)] {
            #expect(other.hypotheses.map(\.tokens) == alone.hypotheses.map(\.tokens))
            #expect(other.hypotheses.map(\.sum) == alone.hypotheses.map(\.sum))
        }
    }

    @Test func `an end below the beam's width does not count`() {
        // With a width of 1 the end comes second, after a token that goes on.
        let result = found(BeamSearch(filters: filters, width: 1, patience: 1)) {
            $0.count < 3 ? [1: 0.6, end: 0.4] : [end: 1]
        }
        #expect(result.hypotheses.map(\.tokens) == [[1, 1, 1]])
    }

    @Test func `of equal candidates the earlier row and the lower id come first`() {
        let result = found(BeamSearch(filters: filters, width: 3, patience: 1), limit: 1) { _ in
            [9: 0.25, 8: 0.25, 7: 0.25, 6: 0.25]
        }
        #expect(result.hypotheses.map(\.tokens) == [[6], [7], [8]])
    }

    @Test func `unfinished texts are candidates at the length limit`() {
        let result = found(BeamSearch(filters: filters, width: 2, patience: 1), limit: 3) { _ in [1: 0.7, 2: 0.3] }
        #expect(result.hypotheses.map(\.tokens).first == [1, 1, 1])
    }

    @Test func `a length penalty of zero prefers the likelier text, the default the better mean`() {
        let long = Hypothesis(tokens: [1, 2, 3, 4], sum: -4)
        let short = Hypothesis(tokens: [1], sum: -2)
        #expect([short, long].best(lengthPenalty: nil) == long)
        #expect([short, long].best(lengthPenalty: 0) == short)
        #expect([long, long].best(lengthPenalty: 1) == long)
        #expect([Hypothesis]().best(lengthPenalty: nil) == nil)
    }

    @Test func `samples are independent, and the same seed gives the same ones`() {
        let coin: ([Int]) -> [Int: Float] = { $0.count < 12 ? [1: 0.5, 2: 0.5] : [end: 1] }
        let one = found(selection(temperature: 1, samples: 5), coin).hypotheses
        let again = found(selection(temperature: 1, samples: 5), coin).hypotheses
        let other = found(selection(temperature: 1, samples: 5, seed: 2), coin).hypotheses
        #expect(one == again)
        #expect(one != other)
        #expect(Set(one).count == 5)
    }

    @Test func `samples that ended leave the network, the others keep their own text`() {
        // Ends after a 2; a row's text is 1 1 … 2.
        let result = found(selection(temperature: 1, samples: 5)) { $0.last == 2 ? [end: 1] : [1: 0.5, 2: 0.5] }
        for hypothesis in result.hypotheses {
            #expect(hypothesis.tokens.last == 2)
            #expect(hypothesis.tokens.dropLast().allSatisfy { $0 == 1 })
            #expect(abs(hypothesis.sum - Float(hypothesis.tokens.count) * Float(0.5).logarithm) < 1e-3)
        }
    }
}

extension Float {
    fileprivate var logarithm: Float { logf(self) }
}
