import Dispatch
import Synchronization

/// Bounds the seconds of audio that all jobs together hold in memory.
///
/// How long a recording is shows only once it is decoded, so few are decoded at a time, and those wait, decoded, until there is
/// room. Waiting blocks the thread: only for threads outside the cooperative pool.
final class AudioRoom: Sendable {
    private struct State {
        var decoding = 0
        var seconds = 0.0
        var sleepers: [DispatchSemaphore] = []
    }

    private let decoders: Int
    private let limit: Double
    private let state = Mutex(State())

    /// - Parameters:
    ///   - decoders: recordings that are decoded at a time.
    ///   - limit: seconds of audio; a longer recording has it to itself.
    init(decoders: Int, limit: Double) {
        self.decoders = decoders
        self.limit = limit
    }

    /// Seconds of audio that were let in and not given back.
    var seconds: Double { state.withLock { $0.seconds } }

    /// Decodes a recording when it may be and returns when there is room for it; `leave` gives that back.
    ///
    /// - Returns: nil when the job was cancelled meanwhile.
    func enter<Audio, Fault: Error>(
        isCancelled: () -> Bool,
        decode: () throws(Fault) -> (audio: Audio, seconds: Double)
    ) throws(Fault) -> Audio? {
        let isIn = wait(isCancelled: isCancelled) { [decoders] state in
            guard state.decoding < decoders else { return false }
            state.decoding += 1
            return true
        }
        guard isIn else { return nil }
        defer { change { $0.decoding -= 1 } }
        let decoded = try decode()
        let hasRoom = wait(isCancelled: isCancelled) { [limit] state in
            guard state.seconds == 0 || state.seconds + decoded.seconds <= limit else { return false }
            state.seconds += decoded.seconds
            return true
        }
        return hasRoom ? decoded.audio : nil
    }

    func leave(_ seconds: Double) {
        change { state in
            state.seconds -= seconds
            // What rounding left is no audio.
            if state.seconds < 0.001 { state.seconds = 0 }
        }
    }

    private func change(_ body: (inout State) -> Void) {
        let sleepers = state.withLock { state in
            body(&state)
            defer { state.sleepers = [] }
            return state.sleepers
        }
        for sleeper in sleepers { sleeper.signal() }
    }

    /// Returns true as soon as `take` does, false when the job is cancelled first.
    private func wait(isCancelled: () -> Bool, take: (inout State) -> Bool) -> Bool {
        while !isCancelled() {
            let sleeper = DispatchSemaphore(value: 0)
            let isTaken = state.withLock { state in
                if take(&state) { return true }
                state.sleepers.append(sleeper)
                return false
            }
            if isTaken { return true }
            // Nobody signals a cancellation.
            _ = sleeper.wait(timeout: .now() + .milliseconds(50))
            state.withLock { state in state.sleepers.removeAll { $0 === sleeper } }
        }
        return false
    }
}
