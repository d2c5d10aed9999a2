import ElkGateway
import ElkSpeech
import Synchronization

/// The engine's ear for one live session.
final class LiveVoice: VoiceWatch {
    /// Used by one caller at a time, which the lock makes sure of.
    private struct Ear: @unchecked Sendable {
        let listener: VoiceActivityListener
    }

    private let ear: Mutex<Ear>

    /// - Parameter weights: of the network; where they are absent or damaged, loudness alone decides.
    init(weights: String?) {
        let detector = weights.flatMap { try? VoiceActivityDetector(contentsOf: $0) } ?? .byLoudness
        ear = Mutex(Ear(listener: detector.listener()))
    }

    func probabilities(of samples: [Float]) -> [Float] {
        ear.withLock { $0.listener.probabilities(of: samples) }
    }
}
