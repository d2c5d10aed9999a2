/// Where somebody speaks in a recording, on two standards of proof.
public struct VoiceActivity: Sendable, Hashable {
    /// Here somebody speaks.
    public let speech: SpeechRanges
    /// Outside of these certainly nobody does.
    public let possibleSpeech: SpeechRanges
    /// What is called speech here is some: loudness alone takes any noise for it.
    public let isTrusted: Bool

    /// - Parameters:
    ///   - probabilities: of speech, one for every 32 ms.
    ///   - duration: seconds of the recording.
    init(_ probabilities: [Float], duration: Double, isTrusted: Bool = true) {
        self.isTrusted = isTrusted
        speech = SpeechRanges(probabilities, duration: duration, rules: .init(threshold: 0.5, minimumSpeech: 0.1))
        possibleSpeech = SpeechRanges(probabilities, duration: duration, rules: .init(threshold: 0.2, minimumSpeech: 0))
    }
}
