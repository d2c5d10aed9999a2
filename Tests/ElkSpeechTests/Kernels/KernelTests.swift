import CKernels
import Testing

@testable import ElkSpeech

/// Every instruction set that this machine has, against plain loops.
@Suite(.serialized)
struct KernelTests {
    static let levels = (0..<Int(ELK_LEVELS.rawValue)).map { elk_level(UInt32($0)) }.filter { elk_level_available($0) }
    static let precisions = [ELK_HALF, ELK_INT8, ELK_INT16, ELK_BF16]

    @Test(arguments: levels, precisions)
    func `a product with packed weights equals the plain sum`(level: elk_level, precision: elk_precision) throws {
        try Level.use(level) {
            let pool = try ThreadPool(threads: 2)
            var random = Random(seed: 1)
            let shapes = [(1, 64, 64), (3, 33, 17), (5, 100, 65), (12, 32, 240), (31, 70, 9), (130, 96, 48)]
            for (rows, outputs, inputs) in shapes {
                let x = random.floats(rows * inputs)
                let weights = random.floats(outputs * inputs)
                let bias = random.floats(outputs)
                let before = random.floats(rows * outputs)
                let packed = Packed(weights, outputs: outputs, inputs: inputs, precision: precision)
                let lines = (0..<rows).map {
                    Rounded(Array(x[$0 * inputs..<($0 + 1) * inputs]), precision: precision, isFine: rows <= 12)
                }
                for flags in [0, ELK_GELU, ELK_ACCUMULATE, ELK_GELU | ELK_ACCUMULATE] {
                    var y = before
                    packed.linear(x, rows: rows, bias: bias, flags: flags, into: &y, pool: pool)
                    for row in 0..<rows {
                        for column in 0..<outputs {
                            var sum = Double(bias[column])
                            for i in 0..<inputs {
                                sum += lines[row].values[i] * Double(packed.values[column * inputs + i])
                            }
                            if flags & ELK_GELU != 0 { sum = 0.5 * sum * (1 + erf(sum / 2.0.squareRoot())) }
                            if flags & ELK_ACCUMULATE != 0 { sum += Double(before[row * outputs + column]) }
                            #expect(
                                abs(sum - Double(y[row * outputs + column])) < lines[row].step + 1e-4,
                                "\(rows) × \(outputs) × \(inputs), flags \(flags)"
                            )
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: precisions)
    func `packed weights are the weights, rounded`(precision: elk_precision) {
        var random = Random(seed: 8)
        let (outputs, inputs) = (70, 33)
        let weights = random.floats(outputs * inputs)
        let packed = Packed(weights, outputs: outputs, inputs: inputs, precision: precision)
        for row in 0..<outputs {
            let original = weights[row * inputs..<(row + 1) * inputs]
            let step: Float =
                switch precision {
                // Of four that are added up in 16 bits, at the most.
                case ELK_INT8: (original.map(abs).max() ?? 0) * 4 / 249
                // The division itself is rounded, too.
                case ELK_INT16: (original.map(abs).max() ?? 0) / 8180
                case ELK_BF16: 1 / 256
                default: 1 / 1024
                }
            for (stored, weight) in zip(packed.values[row * inputs..<(row + 1) * inputs], original) {
                #expect(abs(stored - weight) <= step * 0.5001)
            }
        }
    }

    @Test(arguments: levels, [1, 7, 13])
    func `int8 products are the same on every level, but for how the few rows of a step are added up`(
        level: elk_level,
        rows: Int
    ) throws {
        let pool = try ThreadPool(threads: 1)
        var random = Random(seed: 9)
        let (outputs, inputs) = (130, 515)
        let x = random.floats(rows * inputs)
        let packed = Packed(random.floats(outputs * inputs), outputs: outputs, inputs: inputs, precision: ELK_INT8)
        func product(_ level: elk_level) -> [Float] {
            var y = [Float](repeating: 0, count: rows * outputs)
            Level.use(level) {
                packed.linear(x, rows: rows, into: &y, pool: pool)
            }
            return y
        }
        let (own, plain) = (product(level), product(ELK_PORTABLE))
        let tolerance = rows <= 12 ? 1e-6 * (plain.map(abs).max() ?? 0) : 0
        for (a, b) in zip(own, plain) { #expect(abs(a - b) <= tolerance) }
    }

    @Test(arguments: levels)
    func `products of many rows do not depend on how many threads share them`(level: elk_level) throws {
        try Level.use(level) {
            var random = Random(seed: 23)
            let (rows, outputs, inputs) = (110, 70, 48)
            let x = random.floats(rows * inputs)
            let packed = Packed(random.floats(outputs * inputs), outputs: outputs, inputs: inputs, precision: ELK_INT8)
            let results = try [1, 2, 7, 16].map { threads in
                var y = [Float](repeating: 0, count: rows * outputs)
                packed.linear(x, rows: rows, into: &y, pool: try ThreadPool(threads: threads))
                return y
            }
            #expect(Set(results).count == 1)
        }
    }

    @Test(arguments: levels, [[1, 1], [-1, -1], [1, -1], [1, 1, -1, -1], [1, 0, 0, 0]] as [[Float]])
    func `int8 sums do not overflow, however large weights and inputs are`(level: elk_level, signs: [Float]) throws {
        let pool = try ThreadPool(threads: 1)
        let (rows, outputs, inputs) = (13, 64, 516)
        let weights = (0..<outputs * inputs).map {
            signs[$0 % inputs % signs.count] * (($0 / inputs) % 2 == 0 ? 1 : -1)
        }
        let packed = Packed(weights, outputs: outputs, inputs: inputs, precision: ELK_INT8)
        let x = (0..<rows * inputs).map { ($0 / inputs) % 2 == 0 ? signs[$0 % inputs % signs.count] : -1 }
        var y = [Float](repeating: 0, count: rows * outputs)
        Level.use(level) {
            packed.linear(x, rows: rows, into: &y, pool: pool)
        }
        for (i, result) in y.enumerated() {
            let (row, output) = (i / outputs, i % outputs)
            let exact = (0..<inputs).reduce(0 as Float) { $0 + x[row * inputs + $1] * weights[output * inputs + $1] }
            #expect(abs(result - exact) <= 0.02 * Float(inputs))
        }
    }

    @Test(arguments: levels, [[-0.17, 3.5], [0, 2], [-4, -1], [0, 0], [5, 5], [-1e-30, 1e-30], [-1e30, 1e30]])
    func `int8 inputs may lie on either side of zero or all in one place`(level: elk_level, range: [Float]) throws {
        let pool = try ThreadPool(threads: 1)
        let (rows, inputs) = (13, 64)
        let x = (0..<rows * inputs).map { range[0] + (range[1] / 64 - range[0] / 64) * Float($0 % 64) }
        let identity = (0..<inputs * inputs).map { Float($0 % (inputs + 1) == 0 ? 1 : 0) }
        let packed = Packed(identity, outputs: inputs, inputs: inputs, precision: ELK_INT8)
        var y = [Float](repeating: 0, count: rows * inputs)
        Level.use(level) {
            packed.linear(x, rows: rows, into: &y, pool: pool)
        }
        let step = (max(0, range[1]) / 254 - min(0, range[0]) / 254)
        for (result, input) in zip(y, x) { #expect(abs(result - input) <= step * 0.51) }
    }

    @Test(arguments: levels, precisions)
    func `a norm before a product is the norm and then the product`(level: elk_level, precision: elk_precision) throws {
        try Level.use(level) {
            let pool = try ThreadPool(threads: 2)
            var random = Random(seed: 10)
            let (outputs, inputs) = (40, 64)
            let packed = Packed(random.floats(outputs * inputs), outputs: outputs, inputs: inputs, precision: precision)
            let (gain, shift) = (random.floats(inputs), random.floats(inputs))
            for rows in [1, 4, 9, 100] {
                let x = random.floats(rows * inputs)
                var normed = x
                elk_layer_norm(pool.handle, x, Int32(rows), Int32(inputs), gain, shift, &normed)
                var (fused, apart) = (
                    [Float](repeating: 0, count: rows * outputs), [Float](repeating: 0, count: rows * outputs)
                )
                packed.linear(x, rows: rows, norm: (gain, shift), into: &fused, pool: pool)
                packed.linear(normed, rows: rows, into: &apart, pool: pool)
                #expect(fused == apart)
            }
        }
    }

    @Test(arguments: levels)
    func `halves survive the round trip and others are rounded to the nearest`(level: elk_level) throws {
        Level.use(level) {
            // All finite halves.
            let halves = (UInt16.min...UInt16.max).filter { $0 & 0x7C00 != 0x7C00 }
            var floats = [Float](repeating: 0, count: halves.count)
            var again = [UInt16](repeating: 0, count: halves.count)
            elk_from_half(halves, &floats, halves.count)
            elk_to_half(floats, &again, halves.count)
            #expect(again == halves)
            #expect(zip(halves, floats).allSatisfy { Float(Float16(bitPattern: $0)) == $1 })
            var random = Random(seed: 2)
            let values = random.floats(1000).map { $0 * 100 } + random.floats(1000).map { $0 * 1e-6 } + [1e9, -1e9]
            var rounded = [UInt16](repeating: 0, count: values.count)
            elk_to_half(values, &rounded, values.count)
            for (value, half) in zip(values, rounded) {
                #expect(half == Float16(max(-65504, min(65504, value))).bitPattern)
            }
        }
    }

    @Test(arguments: levels)
    func `rows are normalised to the gain and bias`(level: elk_level) throws {
        try Level.use(level) {
            let pool = try ThreadPool(threads: 2)
            var random = Random(seed: 3)
            let (rows, width) = (70, 67)
            let x = random.floats(rows * width).map { $0 + 3 }
            let (gain, bias) = (random.floats(width), random.floats(width))
            var y = [Float](repeating: 0, count: rows * width)
            elk_layer_norm(pool.handle, x, Int32(rows), Int32(width), gain, bias, &y)
            for row in 0..<rows {
                let values = x[row * width..<(row + 1) * width].map(Double.init)
                let mean = values.reduce(0, +) / Double(width)
                let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(width)
                for i in 0..<width {
                    let expected =
                        (values[i] - mean) / (variance + 1e-5).squareRoot() * Double(gain[i]) + Double(bias[i])
                    #expect(abs(expected - Double(y[row * width + i])) < 1e-4)
                }
            }
        }
    }

    @Test(arguments: levels)
    func `softmax sums to one and keeps the ratios`(level: elk_level) {
        Level.use(level) {
            var random = Random(seed: 4)
            for count in [1, 3, 16, 37, 1500] {
                let x = random.floats(count).map { $0 * 40 }
                var y = x
                elk_softmax(&y, Int32(count), 0.5)
                let top = x.max()! / 2
                let sum = x.reduce(0.0) { $0 + exp(Double($1 / 2 - top)) }
                for i in 0..<count { #expect(abs(Double(y[i]) - exp(Double(x[i] / 2 - top)) / sum) < 1e-6) }
            }
        }
    }

    @Test(arguments: levels, precisions)
    func `a chain of products is the products one after the other`(level: elk_level, precision: elk_precision) throws {
        try Level.use(level) {
            let pool = try ThreadPool(threads: 2)
            var random = Random(seed: 12)
            let (rows, width, wide) = (100, 64, 192)
            let x = random.floats(rows * width)
            let expand = Packed(random.floats(wide * width), outputs: wide, inputs: width, precision: precision)
            let contract = Packed(random.floats(width * wide), outputs: width, inputs: wide, precision: precision)
            var between = [Float](repeating: 0, count: rows * wide)
            var apart = [Float](repeating: 1, count: rows * width)
            expand.linear(x, rows: rows, flags: ELK_GELU, into: &between, pool: pool)
            contract.linear(between, rows: rows, flags: ELK_ACCUMULATE, into: &apart, pool: pool)
            var chained = [Float](repeating: 1, count: rows * width)
            x.withUnsafeBufferPointer { x in
                chained.withUnsafeMutableBufferPointer { y in
                    pool.chain(
                        [
                            expand.step(from: x.baseAddress, flags: ELK_GELU, into: nil),
                            contract.step(from: nil, flags: ELK_ACCUMULATE, into: y.baseAddress),
                        ],
                        rows: rows
                    )
                }
            }
            #expect(chained == apart)
        }
    }

    @Test(arguments: levels, [1, 30])
    func `scores beyond the range of exponentials are attended to all the same`(level: elk_level, size: Float) throws {
        try Level.use(level) {
            let pool = try ThreadPool(threads: 1)
            // The only head's queries and keys point one way; the key at position 7 is the longest.
            let positions = 40
            var qkv = [Float](repeating: 0, count: positions * 192)
            for t in 0..<positions {
                for i in 0..<64 {
                    qkv[t * 192 + i] = size
                    qkv[t * 192 + 64 + i] = t == 7 ? 2 * size : size
                    qkv[t * 192 + 128 + i] = Float(t)
                }
            }
            let workspace = AlignedMemory<Float>(elk_attention_floats(Int32(positions), 1))
            var output = [Float](repeating: 0, count: positions * 64)
            elk_attention(pool.handle, ELK_INT8, qkv, nil, Int32(positions), 1, workspace.base, &output)
            // A score of 16 against 8, or of 14400 against 7200: all that matters is the longest, but for 39 · e⁻⁸ in the first case.
            for value in output { #expect(abs(value - 7) < (size == 1 ? 0.2 : 0.01)) }
        }
    }

    @Test(arguments: levels, precisions)
    func `encoder attention equals the plain formula`(level: elk_level, precision: elk_precision) throws {
        try checkAttention(level, precision, counts: nil)
    }

    @Test(arguments: levels, [ELK_INT8, ELK_HALF])
    func `a position that stands for others counts as often in encoder attention`(
        level: elk_level,
        precision: elk_precision
    ) throws {
        try checkAttention(level, precision, counts: (0..<77).map { $0 < 50 ? 1 : 2 + $0 % 15 })
    }

    private func checkAttention(_ level: elk_level, _ precision: elk_precision, counts: [Int]?) throws {
        let logCounts = counts?.map { Float(log(Double($0))) }
        try Level.use(level) {
            let pool = try ThreadPool(threads: 2)
            var random = Random(seed: 5)
            let (positions, heads) = (77, 2)
            let width = heads * 64
            let qkv = random.floats(positions * 3 * width)
            let workspace = AlignedMemory<Float>(elk_attention_floats(Int32(positions), Int32(heads)))
            var output = [Float](repeating: 0, count: positions * width)
            elk_attention(
                pool.handle,
                precision,
                qkv,
                logCounts,
                Int32(positions),
                Int32(heads),
                workspace.base,
                &output
            )
            for position in 0..<positions {
                for head in 0..<heads {
                    let expected = attention(
                        query: Array(qkv[position * 3 * width + head * 64..<position * 3 * width + head * 64 + 64]),
                        keys: (0..<positions).map {
                            Array(qkv[$0 * 3 * width + width + head * 64..<$0 * 3 * width + width + head * 64 + 64])
                        },
                        values: (0..<positions).map {
                            Array(
                                qkv[
                                    $0 * 3 * width + 2 * width + head * 64..<$0 * 3 * width + 2 * width + head * 64 + 64
                                ]
                            )
                        },
                        counts: counts
                    )
                    // Rounded to 16-bit integers but for ELK_HALF.
                    let tolerance = precision == ELK_HALF ? 1e-5 : 3e-4
                    for i in 0..<64 {
                        #expect(abs(expected[i] - Double(output[position * width + head * 64 + i])) < tolerance)
                    }
                }
            }
        }
    }

    @Test(arguments: levels, [(ELK_HALF, false), (ELK_HALF, true), (ELK_INT8, false), (ELK_INT8, true)])
    func `cross-attention equals the plain formula and hands out its scores`(
        level: elk_level,
        layout: (precision: elk_precision, isShared: Bool)
    ) throws {
        let (precision, isShared) = layout
        // Rounding keys and values moves a score by a few thousandths, and what is looked up by as much.
        let tolerance = precision == ELK_HALF ? (output: 2e-3, scores: 5e-3) : (output: 1e-2, scores: 1e-2)
        try Level.use(level) {
            let pool = try ThreadPool(threads: 2)
            var random = Random(seed: 6)
            // More than one block of positions, and a panel of them that is not full.
            let (positions, heads) = (110, 2)
            let width = heads * 64
            let counts = (0..<positions).map { $0 < 70 ? 1 : 2 + $0 % 15 }
            let logCounts = AlignedMemory<Float>(positions)
            for (index, count) in counts.enumerated() { logCounts[index].pointee = logf(Float(count)) }
            // Keys are the states themselves, values those read backwards.
            let keys = random.floats(positions * width)
            let values = (0..<positions).flatMap { keys[$0 * width..<($0 + 1) * width].reversed() }
            let weights = (0..<2 * width * width).map { index -> Float in
                let (row, column) = (index / width, index % width)
                return column == (row < width ? row : 2 * width - 1 - row) ? 1 : 0
            }
            let projection = Packed(weights, outputs: 2 * width, inputs: width, precision: ELK_HALF)
            let packed = AlignedMemory<UInt8>(elk_cross_bytes(precision, Int32(positions), Int32(heads)))
            projection.project(
                keys,
                positions: positions,
                heads: heads,
                precision: precision,
                into: packed.base,
                pool: pool
            )
            for rows in [1, 5, 13] {
                let queries = random.floats(rows * width)
                var output = [Float](repeating: 0, count: rows * width)
                var scores = [Float](repeating: 0, count: rows * positions)
                let slots: [Int32] = [-1, 0]
                queries.withUnsafeBufferPointer { queries in
                    output.withUnsafeMutableBufferPointer { output in
                        scores.withUnsafeMutableBufferPointer { scores in
                            slots.withUnsafeBufferPointer { slots in
                                guard let first = queries.baseAddress, let target = output.baseAddress else { return }
                                let job = elk_cross_attention_job(
                                    queries: first,
                                    rows: Int32(rows),
                                    precision: precision,
                                    packed: packed.base,
                                    log_counts: isShared ? logCounts.base : nil,
                                    positions: Int32(positions),
                                    output: target,
                                    scores: scores.baseAddress,
                                    head_slots: slots.baseAddress
                                )
                                elk_cross_attention(pool.handle, [job], 1, Int32(heads))
                            }
                        }
                    }
                }
                for row in 0..<rows {
                    for head in 0..<heads {
                        let query = Array(queries[row * width + head * 64..<row * width + head * 64 + 64])
                        let headKeys = (0..<positions).map {
                            Array(keys[$0 * width + head * 64..<$0 * width + head * 64 + 64])
                        }
                        let expected = attention(
                            query: query,
                            keys: headKeys,
                            values: (0..<positions).map {
                                Array(values[$0 * width + head * 64..<$0 * width + head * 64 + 64])
                            },
                            counts: isShared ? counts : nil
                        )
                        for i in 0..<64 {
                            #expect(abs(expected[i] - Double(output[row * width + head * 64 + i])) < tolerance.output)
                        }
                        guard head == 1 else { continue }
                        for position in 0..<positions {
                            let score =
                                zip(query, headKeys[position]).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } / 8
                            #expect(abs(score - Double(scores[row * positions + position])) < tolerance.scores)
                        }
                    }
                }
            }
        }
    }

    @Test(arguments: levels)
    func `passes over logits give the same on every level`(level: elk_level) {
        var random = Random(seed: 11)
        let logits = random.floats(5003).map { $0 * 20 } + [-.infinity, 20.5, 20.5, -.infinity]
        func passes(_ level: elk_level) -> (Float, Float, Int, [Int32]) {
            Level.use(level) {
                var target = 0.3 * Double(elk_logit_exp_sum(logits, logits.count, 21, 0.7))
                var ids = [Int32](repeating: 0, count: 6)
                let filled = elk_logit_top(logits, 0, logits.count, 6, &ids, 0)
                return (
                    elk_logit_max(logits, logits.count), elk_logit_exp_sum(logits, logits.count, 21, 0.7),
                    elk_logit_find(logits, logits.count, 21, 0.7, &target), Array(ids.prefix(filled))
                )
            }
        }
        let (ours, portable) = (passes(level), passes(ELK_PORTABLE))
        #expect(ours == portable)
        #expect(ours.0 == 20.5)
        let best = logits.indices.sorted { (logits[$1], $0) < (logits[$0], $1) }.prefix(6)
        #expect(ours.3 == best.map { Int32($0) })
        let sum = logits.reduce(0.0) { $0 + exp((Double($1) - 21) * 0.7) }
        #expect(abs(Double(ours.1) - sum) < 1e-4 * sum)
    }

    private func attention(query: [Float], keys: [[Float]], values: [[Float]], counts: [Int]?) -> [Double] {
        let scores = keys.enumerated().map { index, key in
            Double(counts?[index] ?? 1) * exp(zip(query, key).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } / 8)
        }
        let sum = scores.reduce(0, +)
        return (0..<64).map { i in zip(scores, values).reduce(0.0) { $0 + $1.0 / sum * Double($1.1[i]) } }
    }
}

/// One row of inputs as a product sees it.
private struct Rounded {
    let values: [Double]
    /// How far a value may be off where a machine rounds it the other way.
    let step: Double

    init(_ row: [Float], precision: elk_precision, isFine: Bool) {
        switch precision {
        case ELK_INT8:
            // 255 steps from the smallest value to the largest, zero among them; of few rows the rest is rounded once more.
            let step = (max(0, row.max() ?? 0) - min(0, row.min() ?? 0)) / 254
            values = row.map { value in
                let whole = (value / step).rounded(.toNearestOrEven)
                let rest = isFine ? ((value / step - whole) * 254).rounded(.toNearestOrEven) / 254 : 0
                return Double((whole + rest) * step)
            }
            self.step = Double(isFine ? step / 127 : step)
        case ELK_INT16:
            let step = (row.map(abs).max() ?? 0) / 4095
            values = row.map { Double(($0 / step).rounded(.toNearestOrEven) * step) }
            self.step = Double(step)
        case ELK_BF16:
            values = row.map { value in
                let bits = value.bitPattern
                return Double(Float(bitPattern: (bits + 0x7FFF + (bits >> 16 & 1)) & 0xFFFF_0000))
            }
            step = 0
        default:
            values = row.map(Double.init)
            step = 0
        }
    }
}

/// Weights in packed form, and what they became by rounding.
private struct Packed {
    let values: [Float]
    private let matrix: elk_matrix
    private let memory: AlignedMemory<UInt8>

    init(_ weights: [Float], outputs: Int, inputs: Int, precision: elk_precision) {
        memory = AlignedMemory(elk_matrix_bytes(precision, Int32(outputs), Int32(inputs)))
        let matrix = elk_matrix(precision: precision, n: Int32(outputs), k: Int32(inputs), data: memory.base)
        let data = memory.base
        var values: [Float] = []
        withUnsafePointer(to: matrix) { matrix in
            elk_matrix_pack(matrix, data, 0, Int32(outputs), weights)
            for row in 0..<outputs {
                var line = [Float](repeating: 0, count: inputs)
                elk_matrix_row(matrix, Int32(row), &line)
                values += line
            }
        }
        self.values = values
        self.matrix = matrix
    }

    func step(
        from input: UnsafePointer<Float>?,
        gain: UnsafePointer<Float>? = nil,
        shift: UnsafePointer<Float>? = nil,
        bias: UnsafePointer<Float>? = nil,
        flags: Int = 0,
        into output: UnsafeMutablePointer<Float>?
    ) -> elk_step {
        elk_step(
            matrix: matrix,
            x: input,
            ldx: Int(matrix.k),
            gain: gain,
            shift: shift,
            bias: bias,
            flags: Int32(flags),
            y: output,
            ldy: Int(matrix.n)
        )
    }

    func linear(
        _ x: [Float],
        rows: Int,
        norm: (gain: [Float], shift: [Float])? = nil,
        bias: [Float] = [],
        flags: Int = 0,
        into y: inout [Float],
        pool: ThreadPool
    ) {
        x.withUnsafeBufferPointer { x in
            y.withUnsafeMutableBufferPointer { y in
                bias.withUnsafeBufferPointer { bias in
                    (norm?.gain ?? []).withUnsafeBufferPointer { gain in
                        (norm?.shift ?? []).withUnsafeBufferPointer { shift in
                            var step = step(
                                from: x.baseAddress,
                                gain: norm == nil ? nil : gain.baseAddress,
                                shift: norm == nil ? nil : shift.baseAddress,
                                bias: bias.isEmpty ? nil : bias.baseAddress,
                                flags: flags,
                                into: y.baseAddress
                            )
                            elk_linear(pool.handle, &step, Int32(rows))
                        }
                    }
                }
            }
        }
    }

    func project(
        _ states: [Float],
        positions: Int,
        heads: Int,
        precision: elk_precision,
        into packed: UnsafeMutableRawPointer,
        pool: ThreadPool
    ) {
        var matrix = matrix
        elk_cross_project(pool.handle, &matrix, nil, states, Int32(positions), Int32(heads), precision, packed)
    }
}

/// Runs with one instruction set.
///
/// Other suites may run meanwhile: every level gives right results.
private enum Level {
    static func use<Value>(_ level: elk_level, _ body: () throws -> Value) rethrows -> Value {
        let before = elk_level_current()
        #expect(elk_level_force(level))
        defer { #expect(elk_level_force(before)) }
        return try body()
    }
}
