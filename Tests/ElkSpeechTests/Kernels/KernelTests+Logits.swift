import CKernels
import Testing

@testable import ElkSpeech

extension KernelTests {
    @Test(arguments: levels)
    func `logits near the largest are exact, of text and of what is no text, and the others nearly`(level: elk_level)
        throws
    {
        let pool = try ThreadPool(threads: 2)
        var random = Random(seed: 31)
        // More panels than one on both sides of the boundary, and a strip that is not full.
        let (rows, outputs, inputs, boundary) = (7, 413, 100, 201)
        let x = random.floats(rows * inputs).enumerated().map { $1 * Float(1 + $0 / inputs) }
        let packed = Packed(random.floats(outputs * inputs), outputs: outputs, inputs: inputs, precision: ELK_NIBBLES)
        let areExact = (0..<rows).map { $0 == 3 }
        let logits = Level.use(level) { packed.logits(x, areExact: areExact, boundary: boundary, pool: pool) }
        var approximate = 0
        for row in 0..<rows {
            let input = Array(x[row * inputs..<(row + 1) * inputs])
            let exact = (0..<outputs).map { output in
                (0..<inputs).reduce(0.0) { $0 + Double(input[$1]) * Double(packed.values[output * inputs + $1]) }
            }
            // What lower bits add in the mean square, and at most what rounding to 4095 steps adds.
            let error = 4.62 / 127 * Double(input.reduce(0) { $0 + $1 * $1 }.squareRoot())
            let rounding = Double(input.map(abs).max() ?? 0) / 4095 * Double(inputs) / 4
            let margin = 4 + 6 * error
            let bars = [exact[..<boundary], exact[boundary...]].map {
                max(($0.max() ?? 0) - margin, (exact.max() ?? 0) - 1.25 * margin)
            }
            for output in 0..<outputs {
                let difference = abs(Double(logits[row * outputs + output]) - exact[output])
                #expect(difference < 5 * error + error * error / 2)
                let isNear = exact[output] >= bars[output < boundary ? 0 : 1] + 5 * error
                if isNear || areExact[row] { #expect(difference < rounding) }
                if difference >= rounding { approximate += 1 }
            }
            let alone = Level.use(level) {
                packed.logits(input, areExact: [areExact[row]], boundary: boundary, pool: pool)
            }
            #expect(alone.elementsEqual(logits[row * outputs..<(row + 1) * outputs]))
        }
        #expect(approximate > rows)
        let portable = Level.use(ELK_PORTABLE) { packed.logits(x, areExact: areExact, boundary: boundary, pool: pool) }
        #expect(logits.elementsEqual(portable))
    }

    @Test(arguments: levels)
    func `logits of what is no number are none either, and no reason to stop`(level: elk_level) throws {
        let pool = try ThreadPool(threads: 1)
        var random = Random(seed: 32)
        let packed = Packed(random.floats(100 * 24), outputs: 100, inputs: 24, precision: ELK_NIBBLES)
        for value in [Float.nan, .infinity, -.infinity, .greatestFiniteMagnitude, 0] {
            for others in [value, 1] {
                let x = [value] + [Float](repeating: others, count: 23)
                let logits = Level.use(level) { packed.logits(x, areExact: [false], boundary: 50, pool: pool) }
                let areNumbers = logits.allSatisfy { $0.isFinite }
                #expect(areNumbers || value != 0, "\(x)")
                #expect(!areNumbers || value.isFinite, "\(x)")
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
}
