import Synchronization

/// Whether the client of one connection is still there, and whether somebody works for it now.
///
/// One task of the connection waits in `untilAbandoned` and cancels all others when it returns, so that a request costs no
/// task of its own to be stopped when nobody waits for its answer any more.
final class ClientPresence: Sendable {
    private struct State {
        var isGone = false
        var isWorking = false
        var waiter: CheckedContinuation<Void, Never>?

        var isAbandoned: Bool { isGone && isWorking }

        mutating func takeWaiter() -> CheckedContinuation<Void, Never>? {
            defer { waiter = nil }
            return waiter
        }
    }

    private let state = Mutex(State())

    /// The presence of a client whose connection was closed before anybody could watch it.
    static var gone: ClientPresence {
        let presence = ClientPresence()
        presence.leave()
        return presence
    }

    var isGone: Bool { state.withLock { $0.isGone } }
    /// It left while somebody worked for it: nothing needs to be sent any more.
    var isAbandoned: Bool { state.withLock { $0.isAbandoned } }

    /// Says that the client has left, for good.
    func leave() {
        let waiter = state.withLock { state in
            state.isGone = true
            return state.isAbandoned ? state.takeWaiter() : nil
        }
        waiter?.resume()
    }

    /// From here on the client's leaving stops the connection's tasks, until `endWork`.
    ///
    /// - Throws: `ClientGone` when it has left already.
    func beginWork() throws(ClientGone) {
        let isGone = state.withLock { state in
            state.isWorking = !state.isGone
            return state.isGone
        }
        if isGone { throw ClientGone() }
    }

    func endWork() {
        state.withLock { $0.isWorking = false }
    }

    /// Returns when the client has left while somebody worked for it, or when the task is cancelled.
    ///
    /// Only one task may wait.
    func untilAbandoned() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let returnsNow = state.withLock { state in
                    guard !state.isAbandoned, !Task.isCancelled else { return true }
                    state.waiter = continuation
                    return false
                }
                if returnsNow { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.takeWaiter() }?.resume()
        }
    }
}

/// The client closed its connection before it had its answer.
struct ClientGone: Error {}
