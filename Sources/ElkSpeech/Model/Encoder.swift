import CKernels

/// Turns a window of up to 30 s into the encoder's states, and those into keys and values for the decoder.
///
/// Holds the scratch memory of one window; not for use from two threads.
final class Encoder {
    /// A window on its way through the encoder.
    struct Run {
        let features: MelSpectrogram
        /// Frames `start ..< start + count` are encoded; what the positions (two frames each) reach beyond them is 0.0.
        let start: Int
        let count: Int
        let layout: WindowLayout
        /// Where the decoder's keys and values go.
        let target: CrossStates
        fileprivate(set) var piece = 0
        fileprivate(set) var isDone = false

        init(
            _ features: MelSpectrogram,
            from start: Int,
            count: Int,
            layout: WindowLayout,
            into target: CrossStates
        ) {
            self.features = features
            self.start = start
            self.count = count
            self.layout = layout
            self.target = target
        }
    }

    private(set) var times = StageTimes()
    private let model: WhisperModel
    /// Window with one frame of zeros on either side, a frame a row: [3002, bands].
    private let frames: AlignedMemory<Float>
    /// [audioContext, width]: the residual stream, at the end the result.
    private let state: AlignedMemory<Float>
    /// What attention mixed: [audioContext, width].
    private let mixed: AlignedMemory<Float>
    /// The widest intermediate: first convolution [3002, width], queries/keys/values [1500, 3 · width].
    private let wide: AlignedMemory<Float>
    private let workspace: AlignedMemory<Float>

    init(_ model: WhisperModel) {
        self.model = model
        let (shape, context) = (model.shape, model.shape.audioContext)
        frames = AlignedMemory((2 * context + 2) * shape.melBands, isFilled: true)
        state = AlignedMemory(context * shape.width, isFilled: true)
        mixed = AlignedMemory(context * shape.width, isFilled: true)
        wide = AlignedMemory((2 * context + 2) * 3 * shape.width / 2, isFilled: true)
        workspace = AlignedMemory(
            elk_attention_floats(Int32(context), Int32(shape.encoderHeads)),
            isFilled: true
        )
    }

    /// Does the next piece of `run`, the first time from the start.
    ///
    /// Half a layer at a time: that is how long everybody else waits.
    func advance(_ run: inout Run) {
        let layers = model.encoder.layers
        switch run.piece {
        case 0: enter(run)
        case 2 * layers.count + 1:
            model.encoder.finalNorm.apply(to: state.base, rows: run.layout.rows, into: state.base, pool: model.pool)
            project(rows: run.layout.rows, into: run.target)
        case let piece where piece % 2 == 1: attend(piece / 2, run.layout)
        case let piece: mix(piece / 2 - 1, rows: run.layout.rows)
        }
        run.piece += 1
        run.isDone = run.piece == 2 * layers.count + 2
    }

    private func enter(_ run: Run) {
        let (width, pool, context) = (model.shape.width, model.pool, run.layout.rows)
        let weights = model.encoder
        var watch = Stopwatch()
        times.windows += 1
        arrange(run.features, from: run.start, count: min(run.count, 2 * context), rows: 2 * context + 2)

        // A row of the output sees three neighbouring rows of the input, which lie one behind the other in memory.
        weights.convolution1.apply(
            to: frames.base,
            stride: model.shape.melBands,
            rows: 2 * context,
            into: wide[width],
            .gelu,
            pool: pool
        )
        wide.base.update(repeating: 0, count: width)
        let behind = wide[(2 * context + 1) * width]
        if run.layout.logCounts.isEmpty {
            behind.update(repeating: 0, count: width)
        } else {
            // The last row stands for others, which have more silence behind them.
            behind.update(from: wide[2 * context * width], count: width)
        }
        let positions = run.layout.positions
        pool.runBlocks(of: context) { rows in
            for row in rows {
                state[row * width].update(from: weights.positions + positions[row] * width, count: width)
            }
        }
        // GELU comes before the positions are added, so the sum is the accumulation.
        weights.convolution2.apply(
            to: wide.base,
            stride: 2 * width,
            rows: context,
            into: state.base,
            [.gelu, .accumulate],
            pool: pool
        )
        watch.lap(&times.convolutions)
        weights.layers.first?.attentionInput.apply(to: state.base, rows: context, into: wide.base, pool: pool)
        watch.lap(&times.encoderProducts)
    }

    private func attend(_ layer: Int, _ layout: WindowLayout) {
        var watch = Stopwatch()
        elk_attention(
            model.pool.handle,
            model.encoder.precision,
            wide.base,
            layout.logCounts.isEmpty ? nil : layout.logCounts,
            Int32(layout.rows),
            Int32(model.shape.encoderHeads),
            workspace.base,
            mixed.base
        )
        watch.lap(&times.encoderAttention)
    }

    private func mix(_ index: Int, rows: Int) {
        var watch = Stopwatch()
        let layers = model.encoder.layers
        var steps = [
            layers[index].attentionOutput.step(from: mixed.base, into: state.base, .accumulate),
            layers[index].expand.step(from: state.base, into: nil, .gelu),
            layers[index].contract.step(from: nil, into: state.base, .accumulate),
        ]
        if index + 1 < layers.count {
            steps.append(layers[index + 1].attentionInput.step(from: state.base, into: wide.base))
        }
        model.pool.chain(steps, rows: rows)
        watch.lap(&times.encoderProducts)
    }

    /// Projects the states to the decoder's cross-attention keys and values, packed a layer at a time.
    private func project(rows: Int, into target: CrossStates) {
        var watch = Stopwatch()
        defer { watch.lap(&times.crossProjection) }
        for (index, layer) in model.decoder.layers.enumerated() {
            layer.crossInput.project(
                state.base,
                positions: rows,
                heads: model.shape.decoderHeads,
                precision: target.precision,
                into: target.layer(index, positions: rows),
                pool: model.pool
            )
        }
    }

    private func arrange(_ features: MelSpectrogram, from start: Int, count: Int, rows: Int) {
        let bands = model.shape.melBands
        let available = max(0, min(count, features.stride - start))
        features.values.withUnsafeBufferPointer { values in
            model.pool.runBlocks(of: rows) { rows in
                frames[rows.lowerBound * bands].update(repeating: 0, count: rows.count * bands)
                guard let source = values.baseAddress else { return }
                // The first row is one of zeros.
                let known = (1..<available + 1).clamped(to: rows)
                for band in 0..<bands {
                    let row = source + band * features.stride + start - 1
                    let target = frames.base + band
                    for frame in known { target[frame * bands] = row[frame] }
                }
            }
        }
    }
}
