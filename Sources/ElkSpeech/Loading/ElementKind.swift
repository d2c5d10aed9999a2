/// How a file stores the values of a tensor; the q kinds are ggml's blocks of 32 values (SP 2.20.2).
package enum ElementKind: Sendable, Hashable {
    case float32
    case float16
    case bfloat16
    case int8
    case int16
    case q4_0
    case q4_1
    case q5_0
    case q5_1
    case q8_0

    /// Values that are stored together.
    var blockLength: Int {
        switch self {
        case .float32, .float16, .bfloat16, .int8, .int16: 1
        case .q4_0, .q4_1, .q5_0, .q5_1, .q8_0: 32
        }
    }

    /// Bytes of one block.
    var blockSize: Int {
        switch self {
        case .float32: 4
        case .float16, .bfloat16, .int16: 2
        case .int8: 1
        case .q4_0: 18
        case .q4_1: 20
        case .q5_0: 22
        case .q5_1: 24
        case .q8_0: 34
        }
    }

    /// Decodes `count` stored values (whole blocks) to Float; integers come without their scale.
    func decode(_ source: UnsafeRawPointer, count: Int, into output: UnsafeMutablePointer<Float>) {
        switch self {
        case .float32: UnsafeMutableRawPointer(output).copyMemory(from: source, byteCount: count * 4)
        case .float16: Dequantization.float16(source, count, output)
        case .bfloat16: Dequantization.bfloat16(source, count, output)
        case .int8: Dequantization.int8(source, count, output)
        case .int16: Dequantization.int16(source, count, output)
        case .q4_0: Dequantization.q4_0(source, count, output)
        case .q4_1: Dequantization.q4_1(source, count, output)
        case .q5_0: Dequantization.q5_0(source, count, output)
        case .q5_1: Dequantization.q5_1(source, count, output)
        case .q8_0: Dequantization.q8_0(source, count, output)
        }
    }
}
