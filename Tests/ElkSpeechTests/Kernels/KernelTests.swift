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

    @Test(arguments: precisions + [ELK_NIBBLES])
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
                case ELK_NIBBLES: (original.map(abs).max() ?? 0) / 127
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
}
