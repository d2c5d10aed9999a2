/// What the decoder keeps of one job: keys and values of its window and of its own tokens.
///
/// Rows share the window and grow token by token.
final class DecoderState {
    /// Written by the encoder.
    let cross: CrossStates
    /// Encoder positions of the window; nil without one.
    private(set) var layout: WindowLayout?
    /// The layout's, where it has any.
    private let logCounts: AlignedMemory<Float>
    var cache: SelfCache
    private let shape: WhisperShape

    init(_ model: WhisperModel) {
        shape = model.shape
        cross = CrossStates(shape, precision: model.encoder.precision)
        cache = SelfCache(shape, roundsPrompt: cross.isRounded)
        logCounts = AlignedMemory(shape.audioContext)
    }

    /// Rows of keys and values of the window.
    var positions: Int { layout?.rows ?? 0 }
    /// Logarithms of how many positions each row stands for; nil where all stand for themselves.
    var positionLogCounts: UnsafePointer<Float>? {
        layout.flatMap { $0.logCounts.isEmpty ? nil : UnsafePointer(logCounts.base) }
    }

    /// Forgets the last window: the next one has keys and values of its own.
    func enterWindow(_ layout: WindowLayout) {
        self.layout = layout
        for (row, count) in layout.logCounts.enumerated() { logCounts[row].pointee = count }
        cache.discard()
    }

    /// Gives the memory of the last window back.
    func discard() {
        layout = nil
        cache = SelfCache(shape, roundsPrompt: cross.isRounded)
        cross.discard()
    }
}
