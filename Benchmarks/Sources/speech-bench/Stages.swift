import ElkSpeech

/// Where the time of one run went, in seconds, by the names the tables use.
struct Stages: Encodable {
    let features: Double
    let voiceActivity: Double
    let convolutions: Double
    let encoderAttention: Double
    let encoderProducts: Double
    let crossProjection: Double
    let decoderProducts: Double
    let selfAttention: Double
    let crossAttention: Double
    let logits: Double
    let rules: Double
    let windows: Int
    let steps: Int

    /// What was added to the times of a session by one run.
    init(from before: StageTimes, to after: StageTimes) {
        features = after.features - before.features
        voiceActivity = after.voiceActivity - before.voiceActivity
        convolutions = after.convolutions - before.convolutions
        encoderAttention = after.encoderAttention - before.encoderAttention
        encoderProducts = after.encoderProducts - before.encoderProducts
        crossProjection = after.crossProjection - before.crossProjection
        decoderProducts = after.decoderProducts - before.decoderProducts
        selfAttention = after.selfAttention - before.selfAttention
        crossAttention = after.crossAttention - before.crossAttention
        logits = after.logits - before.logits
        rules = after.rules - before.rules
        windows = after.windows - before.windows
        steps = after.steps - before.steps
    }
}

/// The sizes that the floors are computed from.
struct Shape: Encodable {
    let vocabulary: Int
    let bands: Int
    let width: Int
    let heads: Int
    let encoderLayers: Int
    let decoderLayers: Int
    let audioContext: Int

    init(_ shape: WhisperShape) {
        vocabulary = shape.vocabulary
        bands = shape.melBands
        width = shape.width
        heads = shape.encoderHeads
        encoderLayers = shape.encoderLayers
        decoderLayers = shape.decoderLayers
        audioContext = shape.audioContext
    }
}
