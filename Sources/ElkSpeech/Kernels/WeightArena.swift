import CKernels

/// How weights are kept in memory and multiplied.
public enum WeightPrecision: String, Sendable, CaseIterable {
    /// Every output channel in 127 steps of its largest weight: half the memory and several times the speed of `half`.
    case int8
    /// Half precision, which loses nothing of published weights; sums in single precision.
    case half
}

/// One region of memory that holds all packed weights of a model, one behind the other.
///
/// The layers of a model are laid out by asking for their memory in a fixed order. With a weight file they are filled on the
/// way; without one the region already holds them, as written by an earlier run.
final class WeightArena: @unchecked Sendable {
    // Safe to share: written while one thread builds the model, only read afterwards.
    let precision: WeightPrecision
    let pool: ThreadPool
    let file: WeightFile?
    private(set) var used = 0
    private let memory: AlignedMemory<UInt8>

    /// An empty region for the weights of `file`.
    init(for file: WeightFile, precision: WeightPrecision, pool: ThreadPool) {
        self.file = file
        self.precision = precision
        self.pool = pool
        // Untouched pages cost nothing, so a generous bound will do: two bytes a weight and what padding adds.
        memory = AlignedMemory(file.shape.parameterBound * 2 + (64 << 20))
    }

    /// The next `count` elements, aligned to cache lines.
    func reserve<Element: BitwiseCopyable>(_ count: Int, of type: Element.Type = Element.self) -> UnsafeMutablePointer<
        Element
    > {
        let bytes = (count * MemoryLayout<Element>.stride + 63) / 64 * 64
        precondition(used + bytes <= memory.count, "the bound on a model's weights is too low")
        defer { used += bytes }
        return UnsafeMutableRawPointer(memory[used]).bindMemory(to: Element.self, capacity: count)
    }

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
