import Synchronization

/// Whether the client of one connection is still there, and who wants to know when it leaves.
final class ClientPresence: Sendable {
    private struct State {
        var isGone = false
        var nextWaiter = 0
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
    }

    private let state = Mutex(State())

    var isGone: Bool { state.withLock { $0.isGone } }

    /// Says that the client has left, for good.
    func leave() {
        let waiters = state.withLock { state in
            state.isGone = true
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    /// Runs `operation`, and cancels it as soon as the client leaves.
    ///
    /// Returns or throws only once the operation has ended.
    /// - Throws: `ClientGone`, `CancellationError` when the task itself is cancelled, or what the operation throws.
    func whilePresent<Value: Sendable>(_ operation: @escaping @Sendable () async throws -> Value) async throws -> Value
    {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await operation() }
            group.addTask {
                await self.untilGone()
                return nil
            }
            defer { group.cancelAll() }
            guard let value = try await group.next() ?? nil else {
                try Task.checkCancellation()
                throw ClientGone()
            }
            return value
        }
    }

    /// Returns when the client has left or the task is cancelled.
    private func untilGone() async {
        let id = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let returnsNow = state.withLock { state in
                    guard !state.isGone, !Task.isCancelled else { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if returnsNow { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
    }
}

/// The client closed its connection before it had its answer.
struct ClientGone: Error {}
