import CKernels

/// Turns a window of up to 30 s into the encoder's states, and those into keys and values for the decoder.
///
/// Holds the scratch memory of one session; not for use from two threads.
final class Encoder {
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

    /// Encodes frames `start ..< start + count`; what `positions` (two frames each) reach beyond them holds 0.0.
    ///
    /// - Returns: states [positions, width], valid until the next call.
    func encode(
        _ features: MelSpectrogram,
        from start: Int,
        count: Int,
        positions: Int
    ) -> UnsafeMutablePointer<Float> {
        let (width, pool) = (model.shape.width, model.pool)
        let context = min(positions, model.shape.audioContext)
        let weights = model.encoder
        var watch = Stopwatch()
        times.windows += 1
        arrange(features, from: start, count: min(count, 2 * context), rows: 2 * context + 2)

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
        wide[(2 * context + 1) * width].update(repeating: 0, count: width)
        state.base.update(from: weights.positions, count: context * width)
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
        for (index, layer) in weights.layers.enumerated() {
            elk_attention(
                pool.handle,
                weights.precision,
                wide.base,
                Int32(context),
                Int32(model.shape.encoderHeads),
                workspace.base,
                mixed.base
            )
            watch.lap(&times.encoderAttention)
            var steps = [
                layer.attentionOutput.step(from: mixed.base, into: state.base, .accumulate),
                layer.expand.step(from: state.base, into: nil, .gelu),
                layer.contract.step(from: nil, into: state.base, .accumulate),
            ]
            if index + 1 < weights.layers.count {
                steps.append(weights.layers[index + 1].attentionInput.step(from: state.base, into: wide.base))
            }
            pool.chain(steps, rows: context)
            watch.lap(&times.encoderProducts)
        }
        weights.finalNorm.apply(to: state.base, rows: context, into: state.base, pool: pool)
        watch.lap(&times.encoderProducts)
        return state.base
    }

    /// Projects the states of the last `encode` to the decoder's cross-attention keys and values, packed a layer at a time.
    func project(positions: Int, into packed: [AlignedMemory<UInt16>]) {
        var watch = Stopwatch()
        defer { watch.lap(&times.crossProjection) }
        for (layer, target) in zip(model.decoder.layers, packed) {
            layer.crossInput.project(
                state.base,
                positions: min(positions, model.shape.audioContext),
                heads: model.shape.decoderHeads,
                into: target.base,
                pool: model.pool
            )
        }
    }

    private func arrange(_ features: MelSpectrogram, from start: Int, count: Int, rows: Int) {
        let bands = model.shape.melBands
        frames.base.update(repeating: 0, count: rows * bands)
        let available = max(0, min(count, features.stride - start))
        features.values.withUnsafeBufferPointer { values in
            guard let source = values.baseAddress else { return }
            for band in 0..<bands {
                let row = source + band * features.stride + start
                let target = frames[bands + band]
                for frame in 0..<available {
                    target[frame * bands] = row[frame]
                }
            }
        }
    }
}
