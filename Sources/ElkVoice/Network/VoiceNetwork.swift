import ElkSpeech
import Glibc

/// A VITS network as Piper's voices have it: phonemes in, samples out.
///
/// Not safe to share: one sentence at a time.
final class VoiceNetwork {
    struct Spread {
        /// Of the sound's latent frames.
        var sound: Float
        /// Of the lengths of phonemes.
        var lengths: Float
    }

    /// Frames of a phoneme at most: beyond any pause, and a bound on what damaged weights can ask for.
    private static let mostFramesOfPhoneme: Float = 600
    private static let mostFrames = 12_000

    let symbols: Int
    var hop: Int { decoder.hop }
    private let encoder: TextEncoder
    private let durations: DurationPredictor
    private let flow: CouplingFlow
    private let decoder: WaveDecoder
    private let pool: ThreadPool

    private let states = Plane()
    private let statistics = Plane()
    private let frames = Plane()

    init(_ file: NetworkFile, pool: ThreadPool) throws(ModelError) {
        encoder = try TextEncoder(in: file)
        durations = try DurationPredictor(width: encoder.width, in: file)
        flow = try CouplingFlow(latent: encoder.latent, in: file)
        decoder = try WaveDecoder(latent: encoder.latent, in: file)
        symbols = encoder.symbols
        self.pool = pool
    }

    /// Frames that each phoneme takes.
    ///
    /// - Parameter length: 1 is the voice's own pace, 2 takes twice as long.
    func lengths(of ids: [Int], length: Float, spread: Float, noise: inout GaussianNoise) -> [Int] {
        encoder.encode(ids, states: states, statistics: statistics, pool: pool)
        let values = (0..<2).map { _ in ids.map { _ in spread == 0 ? 0 : noise.next() * spread } }
        return Self.wholeFrames(durations.predict(states, noise: values, pool: pool), length: length)
    }

    /// Frames of phonemes whose lengths in frames have these natural logarithms, at a pace.
    static func wholeFrames(_ logarithms: [Float], length: Float) -> [Int] {
        guard length < 1 else { return logarithms.map { Int(roundedUp(expf($0) * length)) } }
        // At a faster pace than its own the voice's frames are shared out: were each phoneme rounded up again, four times as fast would
        // be twice as fast.
        var (end, given) = (Float(0), 0)
        return logarithms.map { logarithm in
            end += roundedUp(expf(logarithm)) * length
            let frames = Int(end.rounded()) - given
            given += frames
            return frames
        }
    }

    private static func roundedUp(_ frames: Float) -> Float {
        let whole = frames.rounded(.up)
        // False for a NaN too.
        return whole >= 1 ? min(whole, mostFramesOfPhoneme) : 0
    }

    /// The samples of phonemes and the frames that each takes, nil when cancelled.
    ///
    /// - Parameter ids: below `symbols`.
    func speak(
        _ ids: [Int],
        length: Float,
        spread: Spread,
        noise: inout GaussianNoise,
        isCancelled: () -> Bool
    ) -> (samples: [Float], lengths: [Int])? {
        guard !ids.isEmpty else { return ([], []) }
        let lengths = lengths(of: ids, length: length, spread: spread.lengths, noise: &noise)
        let total = min(max(1, lengths.reduce(0, +)), Self.mostFrames)
        frames.shape(encoder.latent, total)
        frames.clear()
        for channel in 0..<encoder.latent {
            let (row, mean, logarithm) = (frames[channel], statistics[channel], statistics[encoder.latent + channel])
            var time = 0
            for (phoneme, length) in lengths.enumerated() {
                let deviation = spread.sound == 0 ? 0 : expf(logarithm[phoneme]) * spread.sound
                for _ in 0..<min(length, total - time) {
                    row[time] = mean[phoneme] + (deviation == 0 ? 0 : noise.next() * deviation)
                    time += 1
                }
            }
        }
        guard !isCancelled() else { return nil }
        flow.reverse(frames, pool: pool)
        return decoder.decode(frames, pool: pool, isCancelled: isCancelled).map { ($0, lengths) }
    }
}
