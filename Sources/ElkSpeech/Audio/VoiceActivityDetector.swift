import CKernels

/// Finds the speech in recordings, with the network of Silero VAD or, without its weights, by loudness alone.
///
/// Any number of threads may use one detector; each call starts afresh.
public final class VoiceActivityDetector: Sendable {
    let weights: VoiceActivityWeights?

    /// - Parameter path: `silero_vad_16k.safetensors` of the PyPI package silero-vad.
    /// - Throws: `ModelError` that names the file and what is wrong with it.
    public init(contentsOf path: String) throws(ModelError) {
        weights = try VoiceActivityWeights(contentsOf: path)
    }

    private init() {
        weights = nil
    }

    /// Judges by loudness: enough for digital silence; noise it may well call speech.
    public static let byLoudness = VoiceActivityDetector()

    /// Where somebody speaks in `samples` (16 kHz mono).
    ///
    /// - Parameter isCancelled: asked about every 30 s of the recording; after true the answer means nothing.
    public func activity(in samples: [Float], isCancelled: () -> Bool = { false }) -> VoiceActivity {
        activity(in: samples, pool: nil, isCancelled: isCancelled)
    }

    /// As above, on the threads of `pool`.
    func activity(in samples: [Float], pool: ThreadPool?, isCancelled: () -> Bool) -> VoiceActivity {
        VoiceActivity(
            probabilities(of: samples, pool: pool, isCancelled: isCancelled),
            duration: Double(samples.count) / 16000,
            isTrusted: weights != nil
        )
    }

    /// Probability of speech, one for every 32 ms; the last covers what is left.
    func probabilities(
        of samples: [Float],
        pool: ThreadPool? = nil,
        isCancelled: () -> Bool = { false }
    ) -> [Float] {
        let levels = FrameLevels(samples)
        guard let weights else { return LoudnessRule(levels).probabilities }
        return weights.probabilities(of: samples, gain: Self.gain(for: levels), pool: pool, isCancelled: isCancelled)
    }

    /// Brings quiet recordings to the level the network knows: it misses most of what is below -50 dB.
    ///
    /// Loud is what 5 % of the frames are above: made -26 dB of full scale, but by 60 dB at most. Louder recordings stay.
    private static func gain(for levels: FrameLevels) -> Float {
        min(1000, max(1, 0.05 / max(levels.percentile(95), 1e-9)))
    }
}
