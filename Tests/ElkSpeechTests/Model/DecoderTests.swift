import Testing

@testable import ElkSpeech

/// The decoder's caches on real weights: however a row came about, it continues like its own text run from the start.
@Suite(
    .enabled(if: InstalledModels.path("tiny.en") != nil, InstalledModels.missing("tiny.en")),
    .serialized
)
struct DecoderTests {
    private let session: WhisperSession
    private let special: SpecialTokens
    private let prompt: [Int]
    /// Keys and values are kept in half precision; the logits lie between -30 and 30.
    private let tolerance: Float = 0.01
    private let features: MelSpectrogram

    init() throws {
        let model = try WhisperModel(contentsOf: InstalledModels.folder + "/tiny.en", precision: .half, threads: 2)
        session = WhisperSession(model)
        special = model.tokenizer.special
        prompt = [special.startOfTranscript, special.noTimestamps]
        var random = Random(seed: 3)
        features = MelSpectrogram(bands: 80, frames: 3000, values: random.floats(80 * 3000), stride: 3000)
        session.encode(features, from: 0, count: 3000, length: 3000)
    }

    /// The logits after `tokens`, computed from the first token on.
    private func fresh(_ tokens: [Int]) -> [Float] {
        Array(session.prefill(tokens, logitsAt: [tokens.count - 1]))
    }

    private func difference(_ a: some Collection<Float>, _ b: some Collection<Float>) -> Float {
        zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
    }

    @Test func `a window with coarse silence leaves nothing behind`() {
        let before = fresh(prompt)
        var random = Random(seed: 4)
        let short = MelSpectrogram(bands: 80, frames: 700, values: random.floats(80 * 1200), stride: 1200)
        session.encode(short, from: 0, count: 700, length: 1200)
        let between = difference(before, fresh(prompt))
        #expect(between > 0.1)
        session.encode(features, from: 0, count: 3000, length: 3000)
        let after = difference(before, fresh(prompt))
        #expect(after < tolerance)
    }

    @Test func `word times of a window have as many columns as it computes`() {
        session.encode(features, from: 0, count: 700, length: 1200)
        let tokens = prompt + [1212, 318, special.endOfText]
        let alignment = session.align(tokens)
        #expect(alignment.scores.count == alignment.heads * tokens.count * (600 + 113))
    }

    @Test func `steps continue a prompt as one pass would`() {
        let text = [1212, 318, 257, 1332, 286, 262]
        _ = session.prefill(prompt, logitsAt: [1])
        var steps: [[Float]] = []
        for token in text { steps.append(Array(session.step([token]))) }
        for index in text.indices {
            #expect(difference(steps[index], fresh(prompt + text[...index])) < tolerance)
        }
    }

    @Test func `rows that change places keep their own past`() {
        let size = session.shape.vocabulary
        _ = session.prefill(prompt, logitsAt: [1])
        session.fork(into: 3)
        _ = session.step([100, 200, 300])
        session.rearrange([2, 0, 0])
        _ = session.step([101, 201, 301])
        session.rearrange([1, 2])
        let logits = Array(session.step([102, 202]))
        #expect(difference(logits[..<size], fresh(prompt + [100, 201, 102])) < tolerance)
        #expect(difference(logits[size...], fresh(prompt + [100, 301, 202])) < tolerance)
    }

    @Test func `a single row may fork again, into more rows than before`() {
        let size = session.shape.vocabulary
        _ = session.prefill(prompt, logitsAt: [1])
        session.fork(into: 2)
        _ = session.step([100, 200])
        session.rearrange([1])
        _ = session.step([201])
        session.fork(into: 5)
        let logits = Array(session.step([11, 12, 13, 14, 15]))
        #expect(difference(logits[(4 * size)...], fresh(prompt + [200, 201, 15])) < tolerance)
    }

    @Test func `alignment's probabilities are those of the text tokens`() {
        let tokens = prompt + [1212, 318, special.endOfText]
        let alignment = session.align(tokens)
        #expect(alignment.probabilities.count == tokens.count - 1)
        let logits = fresh(prompt)[..<special.endOfText].map { Double($0) }
        let top = logits.max() ?? 0
        let expected = exp(logits[1212] - top) / logits.reduce(0) { $0 + exp($1 - top) }
        #expect(abs(Double(alignment.probabilities[1]) - expected) < 1e-4)
    }

    @Test func `rows that go on from a long prompt keep its past, though that is rounded`() throws {
        let model = try WhisperModel(contentsOf: InstalledModels.folder + "/tiny.en", precision: .int8, threads: 2)
        let session = WhisperSession(model)
        session.encode(features, from: 0, count: 3000, length: 3000)
        let long = [special.startOfPrevious] + (0..<60).map { 1000 + 37 * $0 } + prompt
        let size = session.shape.vocabulary
        _ = session.prefill(long, logitsAt: [long.count - 1])
        session.fork(into: 3)
        _ = session.step([100, 200, 300])
        session.rearrange([2, 0, 1])
        let steps = Array(session.step([102, 202, 302]))
        for (row, text) in [[300, 102], [100, 202], [200, 302]].enumerated() {
            let whole = Array(session.prefill(long + text, logitsAt: [long.count + 1]))
            #expect(differenceAtTop(Array(steps[row * size..<(row + 1) * size]), whole) < 1)
        }
        // A short prompt that follows has nothing of it.
        _ = session.prefill(prompt, logitsAt: [1])
        let short = Array(session.step([100]))
        #expect(differenceAtTop(short, Array(session.prefill(prompt + [100], logitsAt: [2]))) < 1)
    }

    /// Among the text tokens that are nearly as likely as the likeliest: a step's others are approximate.
    private func differenceAtTop(_ step: [Float], _ whole: [Float]) -> Float {
        let text = whole[..<special.endOfText]
        let bar = (text.max() ?? 0) - 2
        return text.indices.reduce(0) { whole[$1] > bar ? max($0, abs(step[$1] - whole[$1])) : $0 }
    }
}
