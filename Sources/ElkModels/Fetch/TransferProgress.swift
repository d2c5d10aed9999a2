/// How far a transfer is, for a progress bar.
package struct TransferProgress: Sendable, Hashable {
    package var bytes: Int
    /// nil while the source has not said.
    package var total: Int?
    /// Bytes a second over the last seconds, 0 until known.
    package var bytesPerSecond: Double = 0

    /// Seconds to go at the present speed.
    package var secondsLeft: Double? {
        guard let total, bytesPerSecond > 0 else { return nil }
        return Double(max(0, total - bytes)) / bytesPerSecond
    }

    package var fraction: Double? {
        guard let total, total > 0 else { return nil }
        return min(1, Double(bytes) / Double(total))
    }
}

/// Smooths the speed of a transfer: an exponential average with a time constant of three seconds.
struct SpeedMeter {
    private var last: (bytes: Int, instant: ContinuousClock.Instant)?
    private(set) var bytesPerSecond: Double = 0

    /// Takes in that `bytes` had been transferred at `now`.
    ///
    /// Readings closer than a tenth of a second are put together.
    mutating func read(_ bytes: Int, at now: ContinuousClock.Instant) {
        guard let last else {
            self.last = (bytes, now)
            return
        }
        let elapsed = (now - last.instant) / .seconds(1)
        guard elapsed >= 0.1 else { return }
        let speed = Double(max(0, bytes - last.bytes)) / elapsed
        let weight = bytesPerSecond == 0 ? 1 : min(1, elapsed / 3)
        bytesPerSecond += (speed - bytesPerSecond) * weight
        self.last = (bytes, now)
    }
}
