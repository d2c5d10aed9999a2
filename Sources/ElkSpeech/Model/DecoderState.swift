import CKernels

/// What the decoder keeps of one job: keys and values of its window and of its own tokens.
///
/// Rows share the window and grow token by token.
final class DecoderState {
    /// Packed cross-attention keys and values, one a layer; written by the encoder.
    let cross: [AlignedMemory<UInt16>]
    /// Encoder positions of the window.
    private(set) var positions = 0
    var cache: SelfCache
    private let shape: WhisperShape

    init(_ shape: WhisperShape) {
        self.shape = shape
        let halves = elk_cross_halves(Int32(shape.audioContext), Int32(shape.decoderHeads))
        cross = (0..<shape.decoderLayers).map { _ in AlignedMemory(halves, isFilled: true) }
        cache = SelfCache(shape, slots: 1)
    }

    /// Forgets the last window: the next one, of so many encoder positions, has keys and values of its own.
    func enterWindow(positions: Int) {
        self.positions = min(positions, shape.audioContext)
        cache.discard()
    }

    /// Gives the memory of the last window back.
    func discard() {
        positions = 0
        cache = SelfCache(shape, slots: 1)
        for layer in cross { layer.discard() }
    }
}
