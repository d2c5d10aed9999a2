import Synchronization
import Testing

@testable import elk

@Suite(.timeLimit(.minutes(1)))
struct TurnstileTests {
    @Test func `the line is first come, first served`() {
        var line = WaitingLine(places: 1, limit: 2)
        #expect(line.arrive(1) == .start)
        #expect(line.arrive(2) == .wait)
        #expect(line.arrive(3) == .wait)
        #expect(line.leave(after: 1) == 2)
        #expect(line.leave(after: 1) == 3)
        #expect(line.leave(after: 1) == nil)
        #expect(line.running == 0)
    }

    @Test func `a full line refuses with the time that its jobs will likely take`() {
        var line = WaitingLine(places: 2, limit: 1)
        _ = line.arrive(1)
        _ = line.leave(after: 30)
        _ = [line.arrive(2), line.arrive(3), line.arrive(4)]
        #expect(line.arrive(5) == .refuse(retryAfter: 30))
    }

    @Test func `the wait that is announced stays between a second and ten minutes`() {
        for (seconds, expected) in [(0.0, 1), (1e9, 600)] {
            var line = WaitingLine(places: 1, limit: 0)
            _ = line.arrive(1)
            _ = line.leave(after: seconds)
            _ = line.arrive(2)
            #expect(line.arrive(3) == .refuse(retryAfter: expected))
        }
    }

    @Test func `who gives up is passed over`() {
        var line = WaitingLine(places: 1, limit: 2)
        _ = [line.arrive(1), line.arrive(2), line.arrive(3)]
        line.giveUp(2)
        #expect(line.leave(after: 1) == 3)
    }

    @Test func `no more jobs work at once than there are places, and all get their turn`() async throws {
        let turnstile = Turnstile(places: 2, limit: 100)
        let crowd = Crowd()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask { @concurrent in try await turnstile.pass { await crowd.work() } }
            }
            try await group.waitForAll()
        }
        #expect(crowd.count.withLock { $0.done } == 20)
        #expect(crowd.count.withLock { $0.most } == 2)
    }

    @Test func `a cancelled task leaves the line and frees its place in it`() async throws {
        let turnstile = Turnstile(places: 1, limit: 1)
        let gate = Gate()
        let worker = Task { try await turnstile.pass { await gate.wait() } }
        await gate.untilWaiting()
        let waiter = Task { try await turnstile.pass {} }
        while await !isFull(turnstile) { await Task.yield() }
        waiter.cancel()
        await #expect(throws: Turnstile.Refusal.cancelled) { try await waiter.value }
        let next = Task { try await turnstile.pass {} }
        gate.open()
        try await worker.value
        try await next.value
    }

    /// Asks with a task that is cancelled, which takes no place when it has to wait.
    private func isFull(_ turnstile: Turnstile) async -> Bool {
        let probe = Task { () -> Bool in
            do throws(Turnstile.Refusal) {
                try await turnstile.pass {}
                return false
            } catch {
                if case .full = error { return true }
                return false
            }
        }
        probe.cancel()
        return await probe.value
    }
}

/// Counts how many work at the same time.
private final class Crowd: Sendable {
    let count = Mutex((now: 0, most: 0, done: 0))

    func work() async {
        count.withLock { count in
            count.now += 1
            count.most = max(count.most, count.now)
        }
        try? await Task.sleep(for: .milliseconds(2))
        count.withLock { count in
            count.now -= 1
            count.done += 1
        }
    }
}

/// Holds whoever waits until it is opened.
private final class Gate: Sendable {
    private struct State {
        var isOpen = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    private let state = Mutex(State())

    func wait() async {
        await withCheckedContinuation { continuation in
            let isOpen = state.withLock { state in
                if !state.isOpen { state.waiters.append(continuation) }
                return state.isOpen
            }
            if isOpen { continuation.resume() }
        }
    }

    func untilWaiting() async {
        while state.withLock({ $0.waiters.isEmpty }) { await Task.yield() }
    }

    func open() {
        let waiters = state.withLock { state in
            state.isOpen = true
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
