import CKernels

/// Hears in live audio whether somebody speaks, piece by piece.
///
/// Not for use from two threads.
public final class VoiceActivityListener {
    private let network: VoiceActivityWeights.Live?
    private var waiting: [Float] = []
    /// Levels of the last ten seconds, the oldest overwritten.
    private var levels: [Float] = []
    private var next = 0

    private static let memory = 312
    /// Live audio begins with silence, which must not be blown up into speech: 30 dB.
    private static let maxGain: Float = 30

    init(_ weights: VoiceActivityWeights?) {
        network = weights.map { VoiceActivityWeights.Live($0) }
    }

    /// Probability of speech, one for every 32 ms; what does not fill them waits for the next call.
    ///
    /// - Parameter samples: 16 kHz mono, -1 … 1.
    public func probabilities(of samples: [Float]) -> [Float] {
        waiting += samples
        let frame = FrameLevels.frame
        let count = waiting.count / frame * frame
        guard count > 0 else { return [] }
        let whole = Array(waiting[..<count])
        waiting.removeFirst(count)
        let heard = FrameLevels(whole).values
        for level in heard { remember(level) }
        let sorted = levels.sorted()
        if let network {
            let loud = sorted[(sorted.count - 1) * 95 / 100]
            return network.probabilities(of: whole, gain: min(Self.maxGain, max(1, 0.05 / max(loud, 1e-9))))
        }
        // Without the network: twice as loud as the quietest tenth, and loud at all.
        let floor = max(sorted[(sorted.count - 1) / 10] * 2, 0.003)
        return heard.map { $0 > floor ? 1 : 0 }
    }

    private func remember(_ level: Float) {
        if levels.count < Self.memory {
            levels.append(level)
        } else {
            levels[next] = level
            next = (next + 1) % Self.memory
        }
    }
}

extension VoiceActivityDetector {
    /// A listener of its own for one stream of live audio.
    public func listener() -> VoiceActivityListener { VoiceActivityListener(weights) }
}
