import CKernels

/// A linear layer y = x · Wᵀ + b with packed weights.
struct Linear: Sendable {
    let outputs: Int
    let inputs: Int
    private let panels: AlignedMemory<UInt16>
    private let bias: AlignedMemory<Float>?

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
    ///   - weights: names of tensors [rows, inputs], one below the other; rows are multiples of 32 but for the last.
    ///   - biases: name of each weight's bias, nil for none.
    init(_ weights: [String], biases: [String?], outputs: Int, inputs: Int, from file: WeightFile, pool: ThreadPool) {
        self.init(outputs: outputs, inputs: inputs, biases: biases, from: file)
        let rows = outputs / weights.count
        for (index, name) in weights.enumerated() {
            pack(firstRow: index * rows, rows: rows, pool: pool) { range, values in
                file.read(name, rows: range, into: values)
            }
        }
    }

    /// A convolution of width 3 as a linear layer over three neighbouring input rows: [out, in, 3] becomes [out, 3 · in].
    init(convolution name: String, outputs: Int, channels: Int, from file: WeightFile, pool: ThreadPool) {
        self.init(outputs: outputs, inputs: 3 * channels, biases: ["\(name).bias"], from: file)
        pack(firstRow: 0, rows: outputs, pool: pool) { range, values in
            let stored = AlignedMemory<Float>(values.count)
            file.read("\(name).weight", rows: range, into: stored.buffer)
            for row in 0..<range.count {
                for channel in 0..<channels {
                    for tap in 0..<3 {
                        values[(row * 3 + tap) * channels + channel] = stored.base[(row * channels + channel) * 3 + tap]
                    }
                }
            }
        }
    }

    private init(outputs: Int, inputs: Int, biases: [String?], from file: WeightFile) {
        self.outputs = outputs
        self.inputs = inputs
        panels = AlignedMemory(elk_matrix_halves(Int32(outputs), Int32(inputs)))
        if biases.contains(where: { $0 != nil }) {
            let memory = AlignedMemory<Float>(outputs)
            let rows = outputs / biases.count
            for case (let index, let name?) in biases.enumerated() {
                file.read(name, into: UnsafeMutableBufferPointer(start: memory[index * rows], count: rows))
            }
            bias = memory
        } else {
            bias = nil
        }
    }

    private func pack(
        firstRow: Int,
        rows: Int,
        pool: ThreadPool,
        read: (Range<Int>, UnsafeMutableBufferPointer<Float>) -> Void
    ) {
        let block = max(32, (1 << 18) / inputs / 32 * 32)
        pool.run((rows + block - 1) / block) { chunk in
            let range = chunk * block..<min(rows, (chunk + 1) * block)
            let values = AlignedMemory<Float>(range.count * inputs)
            read(range, values.buffer)
            elk_matrix_pack(
                panels.base,
                Int32(inputs),
                Int32(firstRow + range.lowerBound),
                Int32(range.count),
                values.base
            )
        }
    }

    /// Computes `rows` rows; `inputStride` and `outputStride` are floats from one row to the next.
    func apply(
        to input: UnsafePointer<Float>,
        stride inputStride: Int? = nil,
        rows: Int,
        into output: UnsafeMutablePointer<Float>,
        stride outputStride: Int? = nil,
        _ effect: Effect = [],
        pool: ThreadPool
    ) {
        var matrix = self.matrix
        elk_linear(
            pool.handle,
            &matrix,
            input,
            inputStride ?? inputs,
            Int32(rows),
            bias?.base,
            effect.rawValue,
            output,
            outputStride ?? outputs
        )
    }

    /// Copies one row of the weights out, as an embedding look-up.
    func copyRow(_ row: Int, into output: UnsafeMutablePointer<Float>) {
        var matrix = self.matrix
        elk_matrix_row(&matrix, Int32(row), output)
    }

    /// Bytes of the packed weights and the bias.
    var bytes: Int { panels.count * 2 + (bias?.count ?? 0) * 4 }

    private var matrix: elk_matrix { elk_matrix(panels: panels.base, n: Int32(outputs), k: Int32(inputs)) }
}

/// Layer normalisation with gain and bias.
struct LayerNorm: Sendable {
    private let values: AlignedMemory<Float>
    private let width: Int

    init(_ name: String, width: Int, from file: WeightFile) {
        self.width = width
        values = AlignedMemory(2 * width)
        file.read("\(name).weight", into: UnsafeMutableBufferPointer(start: values.base, count: width))
        file.read("\(name).bias", into: UnsafeMutableBufferPointer(start: values[width], count: width))
    }

    func apply(
        to input: UnsafePointer<Float>,
        rows: Int,
        into output: UnsafeMutablePointer<Float>,
        pool: ThreadPool
    ) {
        elk_layer_norm(pool.handle, input, Int32(rows), Int32(width), values.base, values[width], output)
    }

    var bytes: Int { values.count * 4 }
}
