import Synchronization

/// Wakes one waiting loop from any thread.
///
/// Signals given while nobody waits are kept as one.
final class Signal: Sendable {
    private struct State {
        var isGiven = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    func give() {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard let waiter = state.waiter else {
                state.isGiven = true
                return nil
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    /// Returns at the next signal, or at once when one was given; also when the task is cancelled.
    ///
    /// One waiter at a time.
    func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isGiven = state.withLock { state in
                    if state.isGiven {
                        state.isGiven = false
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if isGiven { continuation.resume() }
            }
        } onCancel: {
            give()
        }
    }
}
