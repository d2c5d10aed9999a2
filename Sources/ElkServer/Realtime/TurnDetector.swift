/// Decides from probabilities of speech when somebody begins and when they have finished.
///
/// Positions are samples at 16 kHz since the session began.
struct TurnDetector {
    struct Rules: Hashable, Sendable {
        var threshold = 0.5
        var prefixMilliseconds = 300
        var silenceMilliseconds = 500
    }

    enum Event: Hashable {
        /// Speech began; what lies before this position is not part of it.
        case started(at: Int)
        /// It has been silent for a while; the turn seems to be over.
        case paused(at: Int)
        /// It was not: speech goes on.
        case resumed
        /// It has been silent long enough.
        case stopped(at: Int)
    }

    static let frame = 512
    /// A click is shorter than speech.
    private static let leastFrames = 2
    /// Silence that makes a pause, and all of it that a turn keeps; most gaps between words are shorter.
    private static let pauseFrames = 6
    /// As far below the threshold speech goes on.
    private static let hysteresis = 0.15

    var rules: Rules
    private(set) var isSpeaking = false
    private var position: Int
    private var speechFrames = 0
    private var silentFrames = 0

    init(_ rules: Rules, at position: Int = 0) {
        self.rules = rules
        self.position = position
    }

    /// Takes the probability of the next 512 samples.
    mutating func take(_ probability: Double) -> Event? {
        position += Self.frame
        let isSpeech = probability >= (isSpeaking ? rules.threshold - Self.hysteresis : rules.threshold)
        guard isSpeaking else {
            speechFrames = isSpeech ? speechFrames + 1 : 0
            guard speechFrames >= Self.leastFrames else { return nil }
            let start = position - speechFrames * Self.frame - rules.prefixMilliseconds * 16
            (isSpeaking, speechFrames, silentFrames) = (true, 0, 0)
            return .started(at: max(0, start))
        }
        let wasPaused = silentFrames >= Self.pauseFrames
        silentFrames = isSpeech ? 0 : silentFrames + 1
        if silentFrames * Self.frame >= rules.silenceMilliseconds * 16 {
            reset()
            return .stopped(at: position)
        }
        if isSpeech { return wasPaused ? .resumed : nil }
        return silentFrames == Self.pauseFrames ? .paused(at: position) : nil
    }

    /// Forgets that somebody speaks: what was said has been taken.
    mutating func reset() {
        (isSpeaking, speechFrames, silentFrames) = (false, 0, 0)
    }
}
