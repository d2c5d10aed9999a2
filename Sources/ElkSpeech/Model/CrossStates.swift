import CKernels

/// Packed keys and values of one window for the decoder's cross-attention.
///
/// Layers lie one behind the other, so a window of fewer positions than fit touches the start of the memory alone.
final class CrossStates {
    /// ELK_HALF or ELK_INT8.
    let precision: elk_precision
    private let memory: AlignedMemory<UInt8>
    private let heads: Int32

    /// - Parameter precision: the model's; all but int8 keep keys and values in half precision.
    init(_ shape: WhisperShape, precision: elk_precision) {
        let precision = precision == ELK_INT8 ? ELK_INT8 : ELK_HALF
        self.precision = precision
        heads = Int32(shape.decoderHeads)
        let bytes = elk_cross_bytes(precision, Int32(shape.audioContext), heads)
        memory = AlignedMemory(shape.decoderLayers * bytes, isFilled: true)
    }

    var isRounded: Bool { precision == ELK_INT8 }

    /// The keys and values of `layer` in a window of `positions`.
    func layer(_ layer: Int, positions: Int) -> UnsafeMutableRawPointer {
        UnsafeMutableRawPointer(memory[layer * elk_cross_bytes(precision, Int32(positions), heads)])
    }

    /// Gives the memory back.
    func discard() {
        memory.discard()
    }
}
