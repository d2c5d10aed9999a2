import CKernels

/// Packed keys and values of one window for the decoder's cross-attention.
///
/// Layers lie one behind the other, so a window of fewer positions than fit touches the start of the memory alone.
final class CrossStates {
    private let memory: AlignedMemory<UInt16>
    private let heads: Int32

    init(_ shape: WhisperShape) {
        heads = Int32(shape.decoderHeads)
        let halves = elk_cross_halves(Int32(shape.audioContext), heads)
        memory = AlignedMemory(shape.decoderLayers * halves, isFilled: true)
    }

    /// The keys and values of `layer` in a window of `positions`.
    func layer(_ layer: Int, positions: Int) -> UnsafeMutablePointer<UInt16> {
        memory[layer * elk_cross_halves(Int32(positions), heads)]
    }

    /// Gives the memory back.
    func discard() {
        memory.discard()
    }
}
