import CKernels
internal import Glibc

/// The token embedding: looked up on the way in, multiplied with, after the last norm, on the way out.
///
/// In int8 it is kept less what all tokens have in common: a few columns, nearly the same in every row, are so large that the rest of a
/// row would be rounded to a few steps beside them, and no probability depends on what is added to every logit alike.
struct TokenEmbedding: @unchecked Sendable {
    // Safe to share: see `Linear`.
    private let weights: Linear
    private let width: Int
    /// What was taken off every row; nil where nothing was.
    private let common: UnsafeMutablePointer<Float>?
    /// What each column was multiplied with after that, and the norm's channels were divided by.
    private let levels: UnsafeMutablePointer<Float>?

    /// Of so many tokens one is looked at for what they have in common.
    private static let sampled = 16

    init(_ name: String, norm: LayerNorm, size: Int, width: Int, in arena: WeightArena) {
        self.width = width
        guard arena.precision == .int8 else {
            weights = Linear([name], biases: [], norm: norm, outputs: size, inputs: width, in: arena)
            (common, levels) = (nil, nil)
            return
        }
        let (common, levels) = (arena.reserve(width, of: Float.self), arena.reserve(width, of: Float.self))
        (self.common, self.levels) = (common, levels)
        var norm = norm
        let file = arena.file
        if let file {
            let columns = Self.columns(of: max(1, size / Self.sampled), width: width) { index, row in
                file.read(name, rows: index * Self.sampled..<index * Self.sampled + 1, into: row)
            }
            // A logit is off by a row's step, which its largest weight sets, times the inputs: this makes both small. `size` stands for
            // the inputs behind a norm.
            let logarithms = columns.indices.map { column in
                let size = hypotf(norm.gain[column], norm.shift[column])
                return 0.5 * logf(max(size, 1e-6) / max(columns[column].deviation, 1e-6))
            }
            let mean = logarithms.reduce(0, +) / Float(width)
            for column in 0..<width {
                common[column] = columns[column].mean
                levels[column] = expf(min(max(logarithms[column] - mean, -2), 2))
            }
            norm.level(by: Array(UnsafeBufferPointer(start: levels, count: width)))
        }
        weights = Linear(
            outputs: size,
            inputs: width,
            biases: [],
            norm: norm,
            precision: ELK_NIBBLES,
            in: arena
        ) { rows, values in
            file?.read(name, rows: rows, into: values)
            for row in 0..<rows.count {
                for column in 0..<width { values[row * width + column] -= common[column] }
            }
        }
        file?.release(name)
    }

    /// Mean and standard deviation of each column over `rows` rows.
    private static func columns(
        of rows: Int,
        width: Int,
        read: (Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) -> [(mean: Float, deviation: Float)] {
        let row = AlignedMemory<Float>(width)
        var sums = [Double](repeating: 0, count: 2 * width)
        for index in 0..<rows {
            read(index, row.buffer)
            for column in 0..<width {
                let value = Double(row.base[column])
                sums[column] += value
                sums[width + column] += value * value
            }
        }
        return (0..<width).map { column in
            let mean = sums[column] / Double(rows)
            return (Float(mean), Float(max(0, sums[width + column] / Double(rows) - mean * mean).squareRoot()))
        }
    }

    /// The embedding of `token`.
    func copyRow(_ token: Int, into output: UnsafeMutablePointer<Float>) {
        weights.copyRow(token, into: output)
        guard let common, let levels else { return }
        for column in 0..<width { output[column] = output[column] / levels[column] + common[column] }
    }

    /// Logits [rows, size] of the decoder's last states [rows, width], up to a number for each row; each row becomes what it would be alone.
    ///
    /// - Parameters:
    ///   - areExact: for each row, whether unlikely tokens count, too. In int8 their logits are approximate otherwise.
    ///   - endOfText: the first token that is no text.
    func logits(
        of states: UnsafePointer<Float>,
        areExact: [Bool],
        endOfText: Int,
        into logits: UnsafeMutablePointer<Float>,
        pool: ThreadPool
    ) {
        var step = weights.step(from: states, into: logits)
        elk_logits(pool.handle, &step, Int32(areExact.count), Int32(endOfText), areExact)
    }
}
