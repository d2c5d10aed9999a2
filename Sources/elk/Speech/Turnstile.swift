import Synchronization

/// Lets a bounded number of jobs work at a time and a bounded number wait for it.
///
/// Waiting suspends the task and holds no thread.
final class Turnstile: Sendable {
    private enum Pass {
        case start
        case refuse(retryAfter: Int)
        case cancelled
    }

    enum Refusal: Error, Hashable {
        case full(retryAfter: Int)
        case cancelled
    }

    private struct State {
        var line: WaitingLine
        var lastTicket: WaitingLine.Ticket = 0
        var sleepers: [WaitingLine.Ticket: CheckedContinuation<Pass, Never>] = [:]
        /// Cancelled before they came to wait.
        var cancelled: Set<WaitingLine.Ticket> = []
    }

    private let state: Mutex<State>

    init(places: Int, limit: Int) {
        state = Mutex(State(line: WaitingLine(places: places, limit: limit)))
    }

    /// Runs `body` when it is its turn.
    ///
    /// - Throws: `Refusal` when the line is full or the task is cancelled before its turn.
    func pass<Value: Sendable>(_ body: () async -> Value) async throws(Refusal) -> Value {
        switch await wait() {
        case .start: break
        case .refuse(let seconds): throw .full(retryAfter: seconds)
        case .cancelled: throw .cancelled
        }
        let start = ContinuousClock.now
        let value = await body()
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let next = state.withLock { state in
            state.line.leave(after: seconds).flatMap { state.sleepers.removeValue(forKey: $0) }
        }
        next?.resume(returning: .start)
        return value
    }

    private func wait() async -> Pass {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        defer { state.withLock { _ = $0.cancelled.remove(ticket) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let pass: Pass? = state.withLock { state in
                    if state.cancelled.contains(ticket) { return .cancelled }
                    switch state.line.arrive(ticket) {
                    case .start: return .start
                    case .refuse(let seconds): return .refuse(retryAfter: seconds)
                    case .wait:
                        state.sleepers[ticket] = continuation
                        return nil
                    }
                }
                if let pass { continuation.resume(returning: pass) }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                state.line.giveUp(ticket)
                state.cancelled.insert(ticket)
                return state.sleepers.removeValue(forKey: ticket)
            }
            sleeper?.resume(returning: .cancelled)
        }
    }
}
