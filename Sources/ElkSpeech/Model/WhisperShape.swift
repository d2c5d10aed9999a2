/// The sizes of one Whisper network, read from its weights.
public struct WhisperShape: Sendable, Hashable {
    /// Rows of the token embedding: 51864 (English), 51865 (multilingual) or 51866 (large-v3, turbo).
    public var vocabulary: Int
    /// Mel bands of the input: 80 or 128.
    public var melBands: Int
    /// Width of the encoder and decoder states (`d_model`).
    public var width: Int
    public var encoderHeads: Int
    public var decoderHeads: Int
    public var encoderLayers: Int
    public var decoderLayers: Int
    /// Encoder positions of a 30 s window.
    public var audioContext = 1500
    /// Decoder positions.
    public var textContext = 448

    public init(
        vocabulary: Int,
        melBands: Int,
        width: Int,
        encoderHeads: Int,
        decoderHeads: Int,
        encoderLayers: Int,
        decoderLayers: Int
    ) {
        self.vocabulary = vocabulary
        self.melBands = melBands
        self.width = width
        self.encoderHeads = encoderHeads
        self.decoderHeads = decoderHeads
        self.encoderLayers = encoderLayers
        self.decoderLayers = decoderLayers
    }

    /// Width of one attention head; 64 in every published model.
    public var headWidth: Int { width / decoderHeads }
    public var isMultilingual: Bool { SpecialTokens(vocabularySize: vocabulary).isMultilingual }
}

/// One decoder head whose cross-attention follows the audio; used for word times.
public struct AlignmentHead: Sendable, Hashable {
    public var layer: Int
    public var head: Int

    public init(layer: Int, head: Int) {
        self.layer = layer
        self.head = head
    }
}
