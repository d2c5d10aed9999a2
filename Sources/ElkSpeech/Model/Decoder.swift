import CKernels

/// The decoder with its caches: rows that share one encoded window and grow token by token.
///
/// Holds the memory of one session; not for use from two threads.
final class Decoder {
    /// Packed cross-attention keys and values, one a layer; written by the encoder.
    let cross: [AlignedMemory<UInt16>]
    /// Encoder positions of the window.
    private var positions = 0
    private(set) var times = StageTimes()
    private let model: WhisperModel
    private var cache: SelfCache
    private var scratch: Scratch
    private var logits = AlignedMemory<Float>(0)

    init(_ model: WhisperModel) {
        self.model = model
        let shape = model.shape
        let halves = elk_cross_halves(Int32(shape.audioContext), Int32(shape.decoderHeads))
        cross = (0..<shape.decoderLayers).map { _ in AlignedMemory(halves, isFilled: true) }
        cache = SelfCache(shape, slots: 1)
        scratch = Scratch(shape, rows: 8)
    }

    /// Forgets the last window: the next one, of so many encoder positions, has keys and values of its own.
    func enterWindow(positions: Int) {
        self.positions = min(positions, model.shape.audioContext)
        cache.discard()
    }

    /// Starts a single row with `tokens`.
    ///
    /// - Returns: logits of the asked positions.
    func prefill(_ tokens: [Int], logitsAt positions: [Int]) -> UnsafeMutableBufferPointer<Float> {
        start(tokens, capture: nil)
        let width = model.shape.width
        for (index, position) in positions.enumerated() {
            scratch.selected[index * width].update(from: scratch.state[position * width], count: width)
        }
        return project(scratch.selected.base, rows: positions.count)
    }

    func fork(into count: Int) {
        cache.fork(into: count)
    }

    func step(_ tokens: [Int]) -> UnsafeMutableBufferPointer<Float> {
        forward(tokens, rows: Array(0..<Int32(tokens.count)), from: cache.length, capture: nil)
        return project(scratch.state.base, rows: tokens.count)
    }

    func rearrange(_ sources: [Int]) {
        cache.rearrange(sources)
    }

    /// Teacher-forced pass: keeps the raw scores of the model's alignment heads.
    func align(_ tokens: [Int]) -> Alignment {
        let (shape, heads) = (model.shape, model.alignmentHeads)
        let scores = AlignedMemory<Float>(heads.count * tokens.count * positions)
        let capture = Capture(scores: scores, heads: heads, shape: shape)
        start(tokens, capture: capture)
        // A few rows at a time: all logits of a long window at once would be the largest buffer of the session.
        let text = 0..<model.tokenizer.special.endOfText
        var probabilities: [Float] = []
        for first in stride(from: 0, to: tokens.count - 1, by: 8) {
            let rows = min(8, tokens.count - 1 - first)
            let logits = project(scratch.state[first * shape.width], rows: rows)
            for row in 0..<rows {
                let row = (index: row, next: tokens[first + row + 1])
                let logits = LogitRow(logits, row: row.index, vocabulary: shape.vocabulary)
                probabilities.append(logits.probability(of: row.next, in: text))
            }
        }
        return Alignment(probabilities: probabilities, scores: Array(scores.buffer), heads: heads.count)
    }

    private func start(_ tokens: [Int], capture: Capture?) {
        cache.restart()
        forward(tokens, rows: Array(repeating: 0, count: tokens.count), from: 0, capture: capture)
    }

    /// Appends tokens: several of one row (a prompt), or one of each row (a step).
    private func forward(_ tokens: [Int], rows: [Int32], from start: Int, capture: Capture?) {
        let (shape, pool, weights) = (model.shape, model.pool, model.decoder)
        var watch = Stopwatch()
        times.steps += 1
        let (width, count) = (shape.width, tokens.count)
        scratch.reserve(shape, rows: count)
        let positions: [Int32] =
            rows.last == 0 && count > 1
            ? Array(Int32(start)..<Int32(start + count)) : Array(repeating: Int32(start), count: count)
        let (state, wide, mixed) = (scratch.state.base, scratch.wide.base, scratch.mixed.base)
        for (index, token) in tokens.enumerated() {
            weights.embedding.copyRow(token, into: state + index * width)
            let position = weights.positions + Int(positions[index]) * width
            for column in 0..<width { state[index * width + column] += position[column] }
        }
        cache.extend(rows: rows, positions: positions)

        for (index, layer) in weights.layers.enumerated() {
            layer.selfInput.apply(to: state, rows: count, into: wide, pool: pool)
            cache.store(wide, rows: rows, positions: positions, layer: index)
            watch.lap(&times.decoderProducts)
            cache.attend(wide, rows: rows, positions: positions, layer: index, into: mixed, pool: pool)
            watch.lap(&times.selfAttention)
            layer.selfOutput.apply(to: mixed, rows: count, into: state, .accumulate, pool: pool)

            layer.crossQuery.apply(to: state, rows: count, into: wide, pool: pool)
            watch.lap(&times.decoderProducts)
            elk_cross_attention(
                pool.handle,
                wide,
                Int32(count),
                cross[index].base,
                Int32(self.positions),
                Int32(shape.decoderHeads),
                mixed,
                capture?.scores.base,
                capture?.slots[index]
            )
            watch.lap(&times.crossAttention)
            layer.crossOutput.apply(to: mixed, rows: count, into: state, .accumulate, pool: pool)

            layer.expand.apply(to: state, rows: count, into: wide, .gelu, pool: pool)
            layer.contract.apply(to: wide, rows: count, into: state, .accumulate, pool: pool)
        }
        watch.lap(&times.decoderProducts)
    }

    private func project(_ states: UnsafeMutablePointer<Float>, rows: Int) -> UnsafeMutableBufferPointer<Float> {
        var watch = Stopwatch()
        defer { watch.lap(&times.logits) }
        let (vocabulary, pool) = (model.shape.vocabulary, model.pool)
        if logits.count < rows * vocabulary { logits = AlignedMemory(rows * vocabulary) }
        model.decoder.embedding.apply(to: states, rows: rows, into: logits.base, pool: pool)
        return UnsafeMutableBufferPointer(start: logits.base, count: rows * vocabulary)
    }
}

extension Decoder {
    /// Where the scores of the alignment heads go: for each layer, the slot of each head or -1.
    private struct Capture {
        let scores: AlignedMemory<Float>
        let slots: [[Int32]]

        init(scores: AlignedMemory<Float>, heads: [AlignmentHead], shape: WhisperShape) {
            self.scores = scores
            var slots = Array(
                repeating: [Int32](repeating: -1, count: shape.decoderHeads),
                count: shape.decoderLayers
            )
            for (slot, head) in heads.enumerated() { slots[head.layer][head.head] = Int32(slot) }
            self.slots = slots
        }
    }

    /// Intermediates of one pass over a few rows.
    private struct Scratch {
        let rows: Int
        let state: AlignedMemory<Float>
        let selected: AlignedMemory<Float>
        let wide: AlignedMemory<Float>
        let mixed: AlignedMemory<Float>

        init(_ shape: WhisperShape, rows: Int) {
            self.rows = rows
            state = AlignedMemory(rows * shape.width)
            selected = AlignedMemory(rows * shape.width)
            wide = AlignedMemory(rows * shape.width * 4)
            mixed = AlignedMemory(rows * shape.width)
        }

        mutating func reserve(_ shape: WhisperShape, rows: Int) {
            if rows > self.rows { self = Scratch(shape, rows: rows) }
        }
    }
}
