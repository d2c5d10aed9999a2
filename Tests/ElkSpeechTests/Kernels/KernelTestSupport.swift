import CKernels
import Testing

@testable import ElkSpeech

/// One row of inputs as a product sees it.
struct Rounded {
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
struct Packed {
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

    /// Logits of a row for each of `areExact`.
    func logits(_ x: [Float], areExact: [Bool], boundary: Int, pool: ThreadPool) -> [Float] {
        var y = [Float](repeating: 0, count: areExact.count * Int(matrix.n))
        x.withUnsafeBufferPointer { x in
            y.withUnsafeMutableBufferPointer { y in
                var step = step(from: x.baseAddress, into: y.baseAddress)
                elk_logits(pool.handle, &step, Int32(areExact.count), Int32(boundary), areExact)
            }
        }
        return y
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
enum Level {
    static func use<Value>(_ level: elk_level, _ body: () throws -> Value) rethrows -> Value {
        let before = elk_level_current()
        #expect(elk_level_force(level))
        defer { #expect(elk_level_force(before)) }
        return try body()
    }
}
