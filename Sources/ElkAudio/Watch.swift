/// The deadline and the caller's cancellation of one decode, asked from the packet loop and from inside the
/// libraries (reads and the interrupt callback), so that a demuxer that walks in circles is stopped too.
final class Watch {
    private let deadline: ContinuousClock.Instant
    private let isCancelled: () -> Bool
    private var reason: AudioError?

    init(limits: AudioLimits, isCancelled: @escaping () -> Bool) {
        deadline = ContinuousClock.now + limits.decodingTime
        self.isCancelled = isCancelled
    }

    /// True from the first time on that the work must stop.
    func hasTripped() -> Bool {
        if reason != nil { return true }
        if isCancelled() {
            reason = AudioError(.cancelled, "Decoding was cancelled.")
        } else if ContinuousClock.now > deadline {
            reason = AudioError(.timedOut, "Decoding the audio takes too long.")
        }
        return reason != nil
    }

    func check() throws(AudioError) {
        if hasTripped(), let reason { throw reason }
    }
}
