import ElkAudio
import Foundation

/// What a test needs to know about a decoded sine.
enum Tone {
    static func sine(_ turns: Double) -> Double { sin(2 * .pi * turns) }

    static func rms(_ samples: some Collection<Float>) -> Double {
        (samples.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(samples.count, 1))).squareRoot()
    }

    /// Hz, from the zero crossings.
    static func frequency(_ samples: [Float]) -> Double {
        let crossings = zip(samples, samples.dropFirst()).count { ($0 < 0) != ($1 < 0) }
        return Double(crossings) / 2 / (Double(samples.count) / Double(AudioDecoder.sampleRate))
    }
}

/// The code of the error that decoding ends with, nil when it succeeds.
func errorCode(
    of source: AudioSource,
    limits: AudioLimits = AudioLimits(),
    isCancelled: @escaping () -> Bool = { false }
) -> AudioError.Code? {
    do throws(AudioError) {
        _ = try AudioDecoder.decode(source, limits: limits, isCancelled: isCancelled)
        return nil
    } catch {
        return error.code
    }
}
