import CKernels

/// The decoder: runs the next tokens of one job, or of several at once.
///
/// The weights are read once for all of them; every row becomes what it would be alone. Holds the scratch memory of one pass;
/// not for use from two threads.
final class Decoder {
    /// The tokens that a job adds in a pass.
    struct Part {
        let state: DecoderState
        let tokens: [Int]
        /// For a prompt, which starts a single row, the tokens whose logits are wanted; nil is a step of one token a row.
        let promptPositions: [Int]?

        var isStep: Bool { promptPositions == nil }
        /// Rows of logits.
        var outputs: Int { promptPositions?.count ?? tokens.count }
    }

    /// More rows of one job than this are rounded in another way and need a pass of their own.
    static let rowsTogether = 12

    private(set) var times = StageTimes()
    private let model: WhisperModel
    private var scratch: Scratch

    init(_ model: WhisperModel) {
        self.model = model
        scratch = Scratch(model.shape, rows: 8)
    }

    /// Runs `parts`, of which several may have up to `rowsTogether` tokens each.
    ///
    /// - Parameter logits: where their rows of logits go, one part after the other.
    func run(_ parts: [Part], into logits: AlignedMemory<Float>) {
        forward(parts, capture: nil)
        let width = model.shape.width
        let areExact = parts.flatMap { [Bool](repeating: !$0.isStep, count: $0.outputs) }
        guard areExact.contains(true) else {
            project(scratch.state.base, areExact: areExact, into: logits)
            return
        }
        var (row, selected) = (0, 0)
        for part in parts {
            for position in part.promptPositions ?? Array(part.tokens.indices) {
                scratch.selected[selected * width].update(from: scratch.state[(row + position) * width], count: width)
                selected += 1
            }
            row += part.tokens.count
        }
        project(scratch.selected.base, areExact: areExact, into: logits)
    }

    /// Teacher-forced pass: keeps the raw scores of the model's alignment heads.
    func align(_ tokens: [Int], _ state: DecoderState) -> Alignment {
        let (shape, heads) = (model.shape, model.alignmentHeads)
        let scores = AlignedMemory<Float>(heads.count * tokens.count * state.positions)
        let capture = Capture(scores: scores, heads: heads, shape: shape)
        forward([Part(state: state, tokens: tokens, promptPositions: [])], capture: capture)
        // A few rows at a time: all logits of a long window at once would be the largest buffer of the session.
        let logits = AlignedMemory<Float>(8 * shape.vocabulary)
        let text = 0..<model.tokenizer.special.endOfText
        var probabilities: [Float] = []
        for first in stride(from: 0, to: tokens.count - 1, by: 8) {
            let rows = min(8, tokens.count - 1 - first)
            project(scratch.state[first * shape.width], areExact: [Bool](repeating: true, count: rows), into: logits)
            for row in 0..<rows {
                let next = tokens[first + row + 1]
                let logits = LogitRow(logits.buffer, row: row, vocabulary: shape.vocabulary)
                probabilities.append(logits.probability(of: next, in: text))
            }
        }
        return Alignment(
            probabilities: probabilities,
            scores: Array(scores.buffer),
            heads: heads.count,
            lag: AlignmentHeads.lag(of: heads)
        )
    }

    private func forward(_ parts: [Part], capture: Capture?) {
        let (shape, pool, weights) = (model.shape, model.pool, model.decoder)
        var watch = Stopwatch()
        times.steps += 1
        let (count, areSteps) = (parts.reduce(0) { $0 + $1.tokens.count }, parts.count > 1)
        scratch.reserve(shape, rows: count)
        let (state, wide, mixed) = (scratch.state.base, scratch.wide.base, scratch.mixed.base)
        enter(parts)

        for (index, layer) in weights.layers.enumerated() {
            layer.selfInput.apply(to: state, rows: count, into: wide, areSteps: areSteps, pool: pool)
            let jobs = selfAttention(of: parts, layer: index)
            watch.lap(&times.decoderProducts)
            elk_self_attention(pool.handle, jobs, Int32(jobs.count))
            watch.lap(&times.selfAttention)
            layer.selfOutput.apply(to: mixed, rows: count, into: state, .accumulate, areSteps: areSteps, pool: pool)

            layer.crossQuery.apply(to: state, rows: count, into: wide, areSteps: areSteps, pool: pool)
            watch.lap(&times.decoderProducts)
            let crossJobs = crossAttention(of: parts, layer: index, capture: capture)
            elk_cross_attention(pool.handle, crossJobs, Int32(crossJobs.count), Int32(shape.decoderHeads))
            watch.lap(&times.crossAttention)
            layer.crossOutput.apply(to: mixed, rows: count, into: state, .accumulate, areSteps: areSteps, pool: pool)

            layer.expand.apply(to: state, rows: count, into: wide, .gelu, areSteps: areSteps, pool: pool)
            layer.contract.apply(to: wide, rows: count, into: state, .accumulate, areSteps: areSteps, pool: pool)
        }
        watch.lap(&times.decoderProducts)
    }

    /// Looks the tokens up and makes room for them in the caches: several of one row (a prompt), or one of each row (a step).
    private func enter(_ parts: [Part]) {
        let (weights, width) = (model.decoder, model.shape.width)
        var first = 0
        for part in parts {
            if !part.isStep { part.state.cache.restart() }
            let start = part.state.cache.length
            for (index, token) in part.tokens.enumerated() {
                let position = part.isStep ? start : index
                scratch.rows[first + index].pointee = part.isStep ? Int32(index) : 0
                scratch.positions[first + index].pointee = Int32(position)
                let state = scratch.state[(first + index) * width]
                weights.embedding.copyRow(token, into: state)
                let encoding = weights.positions + position * width
                for column in 0..<width { state[column] += encoding[column] }
            }
            part.state.cache.extend(
                part.tokens.count,
                rows: scratch.rows[first],
                positions: scratch.positions[first]
            )
            first += part.tokens.count
        }
    }

    private func selfAttention(of parts: [Part], layer: Int) -> [elk_self_attention_job] {
        var first = 0
        return parts.map { part in
            defer { first += part.tokens.count }
            let qkv = scratch.wide[first * 3 * model.shape.width]
            part.state.cache.store(
                qkv,
                count: part.tokens.count,
                rows: scratch.rows[first],
                positions: scratch.positions[first],
                layer: layer
            )
            // Tokens that are only aligned have no steps behind them.
            if !part.isStep, part.outputs > 0 {
                part.state.cache.pack(qkv, count: part.tokens.count, layer: layer, pool: model.pool)
            }
            return part.state.cache.attention(
                qkv,
                count: part.tokens.count,
                rows: scratch.rows[first],
                positions: scratch.positions[first],
                layer: layer,
                into: scratch.mixed[first * model.shape.width]
            )
        }
    }

    private func crossAttention(of parts: [Part], layer: Int, capture: Capture?) -> [elk_cross_attention_job] {
        let shape = model.shape
        var first = 0
        return parts.map { part in
            defer { first += part.tokens.count }
            return elk_cross_attention_job(
                queries: scratch.wide[first * shape.width],
                rows: Int32(part.tokens.count),
                precision: part.state.cross.precision,
                packed: part.state.cross.layer(layer, positions: part.state.positions),
                log_counts: part.state.positionLogCounts,
                positions: Int32(part.state.positions),
                output: scratch.mixed[first * shape.width],
                scores: capture?.scores.base,
                head_slots: capture.map { UnsafePointer($0.slots[layer * shape.decoderHeads]) }
            )
        }
    }

    /// - Parameter areExact: for each of the rows in `states`, whether unlikely tokens count, too: what is said of a window before it is
    ///   decoded, and the probabilities of given tokens.
    private func project(
        _ states: UnsafeMutablePointer<Float>,
        areExact: [Bool],
        into logits: AlignedMemory<Float>
    ) {
        var watch = Stopwatch()
        defer { watch.lap(&times.logits) }
        model.decoder.embedding.logits(
            of: states,
            areExact: areExact,
            endOfText: model.tokenizer.special.endOfText,
            into: logits.base,
            pool: model.pool
        )
    }
}

extension Decoder {
    /// Where the scores of the alignment heads go.
    private struct Capture {
        let scores: AlignedMemory<Float>
        /// Shape [layers × heads]: the slot of each head or -1.
        let slots: AlignedMemory<Int32>

        init(scores: AlignedMemory<Float>, heads: [AlignmentHead], shape: WhisperShape) {
            self.scores = scores
            slots = AlignedMemory(shape.decoderLayers * shape.decoderHeads)
            slots.buffer.update(repeating: -1)
            for (slot, head) in heads.enumerated() {
                slots[head.layer * shape.decoderHeads + head.head].pointee = Int32(slot)
            }
        }
    }

    /// Intermediates of one pass over a few rows.
    private struct Scratch {
        let count: Int
        let state: AlignedMemory<Float>
        let selected: AlignedMemory<Float>
        let wide: AlignedMemory<Float>
        let mixed: AlignedMemory<Float>
        let rows: AlignedMemory<Int32>
        let positions: AlignedMemory<Int32>

        init(_ shape: WhisperShape, rows count: Int) {
            self.count = count
            state = AlignedMemory(count * shape.width)
            selected = AlignedMemory(count * shape.width)
            wide = AlignedMemory(count * shape.width * 4)
            mixed = AlignedMemory(count * shape.width)
            rows = AlignedMemory(count)
            positions = AlignedMemory(count)
        }

        mutating func reserve(_ shape: WhisperShape, rows: Int) {
            if rows > count { self = Scratch(shape, rows: rows) }
        }
    }
}
