import CKernels
internal import Glibc

/// A linear layer y = norm(x) · Wᵀ + b with packed weights, and the layer normalisation before it where there is one.
struct Linear: @unchecked Sendable {
    // Safe to share: the pointers lead into the model's arena, which is only read once the model is built and outlives it.
    let outputs: Int
    let inputs: Int
    private let precision: elk_precision
    private let data: UnsafePointer<UInt8>
    private let bias: UnsafePointer<Float>?
    private let norm: LayerNorm?

    struct Effect: OptionSet {
        let rawValue: Int32
        /// Applies GELU (erf form) to the result.
        static let gelu = Effect(rawValue: Int32(ELK_GELU))
        /// Adds the result to what the output holds.
        static let accumulate = Effect(rawValue: Int32(ELK_ACCUMULATE))
    }

    /// Stacks the rows of several weights of the file into one layer, so that one product computes them all.
    ///
    /// - Parameters:
    ///   - weights: names of tensors [rows, inputs], one below the other; rows are multiples of 64 but for the last.
    ///   - biases: name of each weight's bias, nil for none; no names at all leave the layer without.
    init(
        _ weights: [String],
        biases: [String?],
        norm: LayerNorm? = nil,
        outputs: Int,
        inputs: Int,
        in arena: WeightArena
    ) {
        let precision = arena.precision.kernels
        self.init(outputs: outputs, inputs: inputs, biases: biases, norm: norm, precision: precision, in: arena) {
            row,
            values in
            guard let file = arena.file else { return }
            let rows = outputs / weights.count
            file.read(
                weights[row.lowerBound / rows],
                rows: row.lowerBound % rows..<row.lowerBound % rows + row.count,
                into: values
            )
        }
        for name in weights { arena.file?.release(name) }
    }

    /// A convolution of width 3 as a linear layer over three neighbouring input rows: [out, in, 3] becomes [out, 3 · in].
    init(
        convolution name: String,
        outputs: Int,
        channels: Int,
        precision: WeightPrecision,
        in arena: WeightArena
    ) {
        self.init(
            outputs: outputs,
            inputs: 3 * channels,
            biases: ["\(name).bias"],
            norm: nil,
            precision: precision.kernels,
            in: arena
        ) { rows, values in
            let stored = UnsafeMutableBufferPointer<Float>.allocate(capacity: values.count)
            defer { stored.deallocate() }
            arena.file?.read("\(name).weight", rows: rows, into: stored)
            for row in 0..<rows.count {
                for channel in 0..<channels {
                    for tap in 0..<3 {
                        values[(row * 3 + tap) * channels + channel] = stored[(row * channels + channel) * 3 + tap]
                    }
                }
            }
        }
    }

    /// - Parameter read: gives some rows of the weights.
    init(
        outputs: Int,
        inputs: Int,
        biases: [String?],
        norm: LayerNorm?,
        precision: elk_precision,
        in arena: WeightArena,
        read: (Range<Int>, UnsafeMutableBufferPointer<Float>) -> Void
    ) {
        self.outputs = outputs
        self.inputs = inputs
        self.norm = norm
        self.precision = precision
        let memory = arena.reserve(elk_matrix_bytes(self.precision, Int32(outputs), Int32(inputs)), of: UInt8.self)
        data = UnsafePointer(memory)
        bias = biases.isEmpty ? nil : arena.floats(biases, count: outputs)
        guard arena.file != nil else { return }

        // Blocks never cross from one stacked weight to the next: those are multiples of 64 rows.
        let matrix = self.matrix
        let block = 64
        arena.pool.run((outputs + block - 1) / block) { chunk in
            let rows = chunk * block..<min(outputs, (chunk + 1) * block)
            let values = UnsafeMutableBufferPointer<Float>.allocate(capacity: rows.count * inputs)
            defer { values.deallocate() }
            read(rows, values)
            norm?.takeUp(in: values)
            guard let first = values.baseAddress else { return }
            withUnsafePointer(to: matrix) {
                elk_matrix_pack($0, memory, Int32(rows.lowerBound), Int32(rows.count), first)
            }
        }
    }

    /// Computes `rows` rows; `inputStride` and `outputStride` are floats from one row to the next.
    ///
    /// - Parameter areSteps: rows of a decoder step, each of which must become what it would be alone.
    func apply(
        to input: UnsafePointer<Float>,
        stride inputStride: Int? = nil,
        rows: Int,
        into output: UnsafeMutablePointer<Float>,
        stride outputStride: Int? = nil,
        _ effect: Effect = [],
        areSteps: Bool = false,
        pool: ThreadPool
    ) {
        var step = step(from: input, stride: inputStride, into: output, stride: outputStride, effect)
        if areSteps {
            elk_linear_steps(pool.handle, &step, Int32(rows))
        } else {
            elk_linear(pool.handle, &step, Int32(rows))
        }
    }

    /// One of several products of the same rows, for `ThreadPool.chain`.
    ///
    /// - Parameters:
    ///   - input: nil takes what the step before kept.
    ///   - output: nil keeps the result for the next step only.
    func step(
        from input: UnsafePointer<Float>?,
        stride inputStride: Int? = nil,
        into output: UnsafeMutablePointer<Float>?,
        stride outputStride: Int? = nil,
        _ effect: Effect = []
    ) -> elk_step {
        elk_step(
            matrix: matrix,
            x: input,
            ldx: inputStride ?? inputs,
            gain: norm?.gain,
            shift: norm?.shift,
            bias: bias,
            flags: effect.rawValue,
            y: output,
            ldy: outputStride ?? outputs
        )
    }

    /// Computes keys and values [positions, 2 · width] of `states` and packs them for cross-attention.
    func project(
        _ states: UnsafePointer<Float>,
        positions: Int,
        heads: Int,
        precision: elk_precision,
        into packed: UnsafeMutableRawPointer,
        pool: ThreadPool
    ) {
        var matrix = self.matrix
        elk_cross_project(pool.handle, &matrix, bias, states, Int32(positions), Int32(heads), precision, packed)
    }

    /// Copies one row of the weights out, as an embedding look-up.
    func copyRow(_ row: Int, into output: UnsafeMutablePointer<Float>) {
        var matrix = self.matrix
        elk_matrix_row(&matrix, Int32(row), output)
    }

    private var matrix: elk_matrix {
        elk_matrix(precision: precision, n: Int32(outputs), k: Int32(inputs), data: data)
    }
}

/// Layer normalisation with gain and bias.
struct LayerNorm: @unchecked Sendable {
    // Safe to share: see `Linear`.
    let gain: UnsafePointer<Float>
    let shift: UnsafePointer<Float>
    private let width: Int
    /// What each channel was divided by while the model is packed; empty where none was.
    private var levels: [Float]

    /// - Parameter isLevelled: makes channels of large and of small gain more alike, so that a row of them loses less when it is rounded to
    ///   255 steps; the weights behind it take up what is missing. The idea is SmoothQuant's (Xiao et al., 2022) with the gains in the
    ///   place of measured activations, and the exponent is what served best of 0 to 1.
    init(_ name: String, width: Int, isLevelled: Bool = false, in arena: WeightArena) {
        self.width = width
        gain = arena.floats(["\(name).weight"], count: width)
        shift = arena.floats(["\(name).bias"], count: width)
        levels = []
        guard isLevelled, arena.precision == .int8, arena.file != nil else { return }
        let powers = UnsafeBufferPointer(start: gain, count: width).map { 0.4 * logf(max(abs($0), 1e-6)) }
        let mean = powers.reduce(0, +) / Float(width)
        level(by: powers.map { expf(min(max($0 - mean, -2), 2)) })
    }

    /// Divides each channel while the model is packed; the weights behind it take up what is missing.
    mutating func level(by levels: [Float]) {
        self.levels = levels
        for (channel, level) in levels.enumerated() {
            UnsafeMutablePointer(mutating: gain)[channel] /= level
            UnsafeMutablePointer(mutating: shift)[channel] /= level
        }
    }

    /// Multiplies the columns of `weights` [rows, width], which the result is multiplied with, by what its channels were divided by.
    func takeUp(in weights: UnsafeMutableBufferPointer<Float>) {
        guard !levels.isEmpty else { return }
        for row in stride(from: 0, to: weights.count, by: width) {
            for channel in 0..<width { weights[row + channel] *= levels[channel] }
        }
    }

    func apply(
        to input: UnsafePointer<Float>,
        rows: Int,
        into output: UnsafeMutablePointer<Float>,
        pool: ThreadPool
    ) {
        elk_layer_norm(pool.handle, input, Int32(rows), Int32(width), gain, shift, output)
    }
}
