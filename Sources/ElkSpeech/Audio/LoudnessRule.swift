/// Speech by loudness alone: what stands out from the quietest tenth of the recording.
///
/// It would rather call noise speech than miss somebody, so it only tells silence for certain.
struct LoudnessRule {
    private let levels: FrameLevels

    /// The last bit of 16-bit samples: below this there is nothing to hear.
    private static let silence: Float = 1.0 / 32768
    /// 3 dB.
    private static let prominence: Float = 1.4125

    init(_ levels: FrameLevels) {
        self.levels = levels
    }

    /// One value for every 32 ms: 0 is silence, 0.3 sound, 1 speech.
    var probabilities: [Float] {
        let floor = levels.percentile(10) * Self.prominence
        return levels.values.map { $0 <= Self.silence ? 0 : $0 > floor ? 1 : 0.3 }
    }
}
