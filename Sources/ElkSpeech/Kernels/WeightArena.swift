import CKernels

/// How weights are kept in memory and multiplied.
public enum WeightPrecision: String, Sendable, CaseIterable {
    /// Every output channel in up to 127 steps of its largest weight, inputs in 255 steps a row: half the memory and twice the speed of
    /// `half`. What is a small part of the work keeps more: convolutions are in 16 bits, the few rows of a decoder step in 16 bits.
    /// A window's keys and values for the decoder are in 8 bits, too.
    case int8
    /// Every output channel in up to 8191 steps, inputs in 4095 steps a row: rounds a sixteenth as much as bf16 and is faster nearly
    /// everywhere.
    case int16
    /// Weights and the inputs they are multiplied with rounded to bf16.
    case bfloat16 = "bf16"
    /// Half precision, which loses nothing of published weights; sums in single precision.
    case half
}

extension WeightPrecision {
    var kernels: elk_precision {
        switch self {
        case .int8: ELK_INT8
        case .int16: ELK_INT16
        case .bfloat16: ELK_BF16
        case .half: ELK_HALF
        }
    }
}

/// One region of memory that holds all packed weights of a model, one behind the other.
///
/// The layers of a model are laid out by asking for their memory in a fixed order. With a weight file they are filled on the
/// way; without one the region already holds them, as written by an earlier run.
final class WeightArena: @unchecked Sendable {
    // Safe to share: written while one thread builds the model, only read once it is sealed.
    let precision: WeightPrecision
    let pool: ThreadPool
    /// Where the values come from; nil when the region is filled.
    private(set) var file: WeightFile?
    private(set) var used = 0
    private let start: Int
    private let memory: AlignedMemory<UInt8>

    /// A region that an earlier run has filled, from `offset` on.
    init(filled memory: AlignedMemory<UInt8>, offset: Int, precision: WeightPrecision, pool: ThreadPool) {
        file = nil
        self.precision = precision
        self.pool = pool
        self.memory = memory
        start = offset
    }

    /// An empty region for the weights of `file`.
    init(for file: WeightFile, precision: WeightPrecision, pool: ThreadPool) {
        self.file = file
        self.precision = precision
        self.pool = pool
        // Untouched pages cost nothing, so a generous bound will do: two bytes a weight and what padding adds.
        memory = AlignedMemory(file.shape.parameterBound * 2 + (64 << 20), isFilled: true)
        start = 0
    }

    /// The next `count` elements, aligned to cache lines.
    func reserve<Element: BitwiseCopyable>(_ count: Int, of type: Element.Type = Element.self) -> UnsafeMutablePointer<
        Element
    > {
        let bytes = (count * MemoryLayout<Element>.stride + 63) / 64 * 64
        defer { used += bytes }
        guard start + used + bytes <= memory.count else {
            // A region filled for another layout: whoever builds the model sees that more was asked for than is there.
            precondition(file == nil, "the bound on a model's weights is too low")
            return UnsafeMutableRawPointer(memory.base).bindMemory(to: Element.self, capacity: count)
        }
        return UnsafeMutableRawPointer(memory[start + used]).bindMemory(to: Element.self, capacity: count)
    }

    /// Lets go of the weight file once the model is built.
    func seal() {
        file = nil
    }

    /// The layout takes all of the region that was filled before, and no more.
    var fits: Bool { start + used == memory.count }

    /// What is filled so far.
    var contents: UnsafeRawBufferPointer { UnsafeRawBufferPointer(start: memory[start], count: used) }

    /// The values of a tensor as they are.
    func floats(_ names: [String?], count: Int) -> UnsafePointer<Float> {
        let values = reserve(count, of: Float.self)
        if let file {
            let each = count / names.count
            for case (let index, let name?) in names.enumerated() {
                file.read(name, into: UnsafeMutableBufferPointer(start: values + index * each, count: each))
            }
        }
        return UnsafePointer(values)
    }
}

extension WhisperShape {
    /// No less than the number of weights of the network.
    fileprivate var parameterBound: Int {
        let layer = 16 * width * width + 32 * width
        return (encoderLayers + decoderLayers) * layer + (vocabulary + 64 + audioContext + textContext) * width * 2
            + 3 * width * (width + melBands)
    }
}
