import Testing

@testable import ElkSpeech

/// The expected values come from a plain, dense version of the same algorithms in Python and numpy, over the same numbers.
struct ReferenceSearchTests {
    private let first = ScriptedText.special.firstTimestamp
    private let end = ScriptedText.special.endOfText

    /// Logits from a hash of what was sampled; the end becomes likelier with the length.
    private func logits(seed: Int, after sampled: [Int]) -> [Int: Float] {
        let hash = sampled.reduce(seed) { ($0 * 31 + $1) % (1 << 31) }
        let tokens = Array(100..<112) + [end, first + 25] + stride(from: 0, through: 1500, by: 100).map { first + $0 }
        var logits: [Int: Float] = [:]
        for token in tokens {
            let value = ((hash + token * 7919) * 1_103_515_245 + 12345) % (1 << 31)
            logits[token] = Float((value >> 16) % 1000) / 125
        }
        logits[end, default: 0] += Float(max(0, sampled.count - 6))
        return logits
    }

    struct Search: Sendable {
        var seed: Int
        var width: Int
        var patience: Float = 1
        var limit = 30
        var lengthPenalty: Float?
        var tokens: [Int]
        var sum: Float
        var found: Int
    }

    @Test(arguments: [
        Search(
            seed: 1,
            width: 5,
            tokens: [50389, 107, 51164, 51464, 110, 109, 51564, 51764, 106],
            sum: -5.943310,
            found: 5
        ),
        Search(seed: 2, width: 5, tokens: [50389, 106, 51864, 51864, 109, 110, 109], sum: -4.564634, found: 5),
        Search(
            seed: 3,
            width: 3,
            patience: 2,
            tokens: [50389, 108, 51064, 51764, 105, 111, 102, 102, 111],
            sum: -6.148778,
            found: 6
        ),
        Search(seed: 4, width: 2, limit: 6, tokens: [50389, 102, 51464, 51664, 110, 105], sum: -3.510566, found: 2),
        Search(seed: 5, width: 1, tokens: [50389, 106, 51764], sum: -2.452982, found: 1),
        Search(
            seed: 6,
            width: 5,
            lengthPenalty: 0.5,
            tokens: [50389, 111, 51164, 51364, 100],
            sum: -3.894950,
            found: 5
        ),
        Search(
            seed: 7,
            width: 4,
            patience: 0.5,
            tokens: [50389, 107, 51364, 51564, 100, 51764, 51864, 101],
            sum: -5.039923,
            found: 4
        ),
    ])
    func `a beam under the timestamp rules finds what the reference finds`(_ expected: Search) {
        let filters = LogitFilters(
            special: ScriptedText.special,
            nonSpeech: [],
            timestamps: true,
            maxInitialTimestamp: 1
        )
        var search = BeamSearch(filters: filters, width: expected.width, patience: expected.patience)
        var sampled: [[Int]] = [[]]
        for _ in 0..<expected.limit {
            var values = [Float](repeating: -30, count: 51865 * sampled.count)
            for (row, tokens) in sampled.enumerated() {
                for (token, logit) in logits(seed: expected.seed, after: tokens) { values[row * 51865 + token] = logit }
            }
            let step = values.withUnsafeMutableBufferPointer { buffer in
                search.advance(sampled.indices.map { LogitRow(buffer, row: $0, vocabulary: 51865) })
            }
            guard let step else { break }
            sampled = zip(step.sources, step.tokens).map { sampled[$0] + [$1] }
        }
        let best = search.hypotheses.best(lengthPenalty: expected.lengthPenalty)
        #expect(best?.tokens == expected.tokens)
        #expect(abs((best?.sum ?? 0) - expected.sum) < 1e-4)
        #expect(search.hypotheses.count == expected.found)
    }
}
