import Synchronization

/// A bounded number of places for turns at work; whoever comes when all are taken waits.
final class TurnSlots: Sendable {
    private struct State {
        var free: Int
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state: Mutex<State>

    init(_ count: Int) {
        state = Mutex(State(free: count))
    }

    /// Takes a place, once there is one; only one task may wait.
    func enter() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let goes = state.withLock { state in
                    if state.free > 0 || Task.isCancelled {
                        state.free -= 1
                        return true
                    }
                    state.waiter = continuation
                    return false
                }
                if goes { continuation.resume() }
            }
        } onCancel: {
            state.withLock { state in
                defer { state.waiter = nil }
                if state.waiter != nil { state.free -= 1 }
                return state.waiter
            }?.resume()
        }
    }

    func leave() {
        state.withLock { state in
            defer { state.waiter = nil }
            // The place goes to whoever waits.
            if state.waiter == nil { state.free += 1 }
            return state.waiter
        }?.resume()
    }
}
