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
    private let birth = ContinuousClock.now

    /// Seconds of a steady clock.
    private var time: Double { (ContinuousClock.now - birth) / .seconds(1) }

    /// A place at work: where a job tells how much there is to do.
    struct Place: Sendable {
        fileprivate let turnstile: Turnstile
        fileprivate let ticket: WaitingLine.Ticket

        func learn(audio seconds: Double) {
            turnstile.state.withLock { $0.line.learn(ticket, audio: seconds) }
        }

        func progress(left seconds: Double) {
            turnstile.state.withLock { $0.line.progress(ticket, left: seconds, at: turnstile.time) }
        }
    }

    /// Jobs at work and jobs that wait.
    var counts: (running: Int, waiting: Int) {
        state.withLock { state in
            (state.line.running + state.line.background.count, state.line.waiting.count + state.line.patient.count)
        }
    }

    /// Whether there is work for somebody who waits for it; background jobs give way.
    var isBusy: Bool { state.withLock { $0.line.running > 0 } }

    init(places: Int, limit: Int) {
        state = Mutex(State(line: WaitingLine(places: places, limit: limit)))
    }

    /// Jobs that wait.
    var waiting: Int { state.withLock { $0.line.waiting.count } }

    /// Runs `body` when it is its turn.
    ///
    /// - Parameters:
    ///   - isPatient: gives way to all that are not.
    ///   - isBegun: goes on with what was let in before: the line is never full for it.
    ///   - audio: seconds of it, where the job knows them before its turn.
    /// - Throws: `Refusal` when the line is full or the task is cancelled before its turn.
    func pass<Value: Sendable>(
        isPatient: Bool = false,
        isBegun: Bool = false,
        audio: Double? = nil,
        _ body: (Place) async -> Value
    ) async throws(Refusal) -> Value {
        let ticket = state.withLock { state in
            state.lastTicket += 1
            return state.lastTicket
        }
        switch await wait(ticket, isPatient: isPatient, isBegun: isBegun, audio: audio) {
        case .start: break
        case .refuse(let seconds): throw .full(retryAfter: seconds)
        case .cancelled: throw .cancelled
        }
        let value = await body(Place(turnstile: self, ticket: ticket))
        let next = state.withLock { state in
            let next = state.line.leave(ticket, at: time).map { [$0] } ?? []
            return (next + state.line.startPatient(at: time)).compactMap { state.sleepers.removeValue(forKey: $0) }
        }
        for sleeper in next { sleeper.resume(returning: .start) }
        return value
    }

    private func wait(
        _ ticket: WaitingLine.Ticket,
        isPatient: Bool,
        isBegun: Bool,
        audio: Double?
    ) async -> Pass {
        defer { state.withLock { _ = $0.cancelled.remove(ticket) } }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let pass: Pass? = state.withLock { state in
                    if state.cancelled.contains(ticket) { return .cancelled }
                    if isPatient {
                        state.line.arrivePatiently(ticket)
                        guard !state.line.startPatient(at: time).contains(ticket) else { return .start }
                        state.sleepers[ticket] = continuation
                        return nil
                    }
                    switch state.line.arrive(ticket, audio: audio, isBegun: isBegun, at: time) {
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
            let (sleeper, next) = state.withLock { state in
                state.line.giveUp(ticket)
                state.cancelled.insert(ticket)
                let sleeper = state.sleepers.removeValue(forKey: ticket)
                return (
                    sleeper, state.line.startPatient(at: time).compactMap { state.sleepers.removeValue(forKey: $0) }
                )
            }
            sleeper?.resume(returning: .cancelled)
            for sleeper in next { sleeper.resume(returning: .start) }
        }
    }
}
