import Synchronization
import Testing

@testable import elk

@Suite(.timeLimit(.minutes(3)))
struct TurnstileTests {
    @Test func `the line is first come, first served`() {
        var line = WaitingLine(places: 1, limit: 2)
        #expect(line.arrive(1, at: 0) == .start)
        #expect(line.arrive(2, at: 0) == .wait)
        #expect(line.arrive(3, at: 0) == .wait)
        #expect(line.leave(1, at: 1) == 2)
        #expect(line.leave(2, at: 2) == 3)
        #expect(line.leave(3, at: 3) == nil)
        #expect(line.running == 0)
    }

    @Test func `a full line refuses with the time that the audio in it will take at the speed that was measured`() {
        var line = WaitingLine(places: 1, limit: 1)
        _ = line.arrive(1, at: 0)
        line.learn(1, audio: 600)
        // 100 s of audio in 4 s.
        line.progress(1, left: 500, at: 4)
        #expect(line.speed == 25)
        #expect(line.arrive(2, at: 4) == .wait)
        // 500 s are left and another recording of 600 s waits.
        #expect(line.backlog == 1100)
        #expect(line.arrive(3, at: 4) == .refuse(retryAfter: 44))
        line.progress(1, left: 0, at: 24)
        #expect(line.arrive(3, at: 24) == .refuse(retryAfter: 24))
    }

    @Test func `who goes on with what was let in is never refused`() {
        var line = WaitingLine(places: 1, limit: 1)
        _ = line.arrive(1, at: 0)
        #expect(line.arrive(2, at: 0) == .wait)
        #expect(line.arrive(3, isBegun: true, at: 0) == .wait)
        #expect(line.arrive(4, audio: 5, at: 0) == .refuse(retryAfter: 30))
        #expect(line.leave(1, at: 1) == 2)
        #expect(line.leave(2, at: 2) == 3)
    }

    @Test func `jobs that know their length are no guesses in the wait that is told`() {
        var line = WaitingLine(places: 1, limit: 2)
        _ = line.arrive(1, audio: 4, at: 0)
        #expect([line.arrive(2, audio: 6, at: 0), line.arrive(3, audio: 8, at: 0)] == [.wait, .wait])
        #expect(line.backlog == 18)
        #expect(line.arrive(4, audio: 100, at: 0) == .refuse(retryAfter: 3))
        // 2 s of it in 4 s.
        line.progress(1, left: 2, at: 4)
        #expect(line.arrive(4, audio: 100, at: 4) == .refuse(retryAfter: 32))
        line.giveUp(3)
        _ = line.leave(1, at: 4)
        #expect(line.backlog == 6)
    }

    @Test func `short jobs are measured when the line falls idle, and rests do not count`() {
        var line = WaitingLine(places: 1, limit: 0)
        for start in [0.0, 100, 200] {
            _ = line.arrive(1, at: start)
            line.learn(1, audio: 5)
            line.progress(1, left: 0, at: start + 0.5)
            _ = line.leave(1, at: start + 0.5)
        }
        #expect(line.speed == 10)
        #expect(line.meanAudio == 5)
    }

    @Test func `the wait that is announced stays between a second and ten minutes`() {
        for (seconds, expected) in [(0.0, 1), (1e9, 600)] {
            var line = WaitingLine(places: 1, limit: 0)
            _ = line.arrive(1, at: 0)
            line.learn(1, audio: seconds)
            #expect(line.arrive(2, at: 1) == .refuse(retryAfter: expected))
        }
    }

    @Test func `who gives up is passed over`() {
        var line = WaitingLine(places: 1, limit: 2)
        _ = [line.arrive(1, at: 0), line.arrive(2, at: 0), line.arrive(3, at: 0)]
        line.giveUp(2)
        #expect(line.leave(1, at: 1) == 3)
    }

    @Test func `patient jobs begin when nobody else waits, in places of their own`() {
        var line = WaitingLine(places: 1, limit: 2)
        line.arrivePatiently(1)
        #expect(line.startPatient(at: 0) == [1])
        #expect(line.arrive(2, at: 0) == .start)
        #expect(line.arrive(3, at: 0) == .wait)
        line.arrivePatiently(4)
        #expect(line.startPatient(at: 0) == [])
        // A patient one that ends makes room for nobody.
        #expect(line.leave(1, at: 1) == nil)
        #expect(line.startPatient(at: 1) == [])
        #expect(line.leave(2, at: 1) == 3)
        #expect(line.startPatient(at: 1) == [4])
        #expect(line.running == 1)
    }

    @Test func `hours that nobody waits for do not lengthen the wait that is told`() {
        var line = WaitingLine(places: 1, limit: 0)
        line.arrivePatiently(1)
        _ = line.startPatient(at: 0)
        line.learn(1, audio: 36_000)
        #expect(line.backlog == 0)
        #expect(line.meanAudio == 60)
        _ = line.arrive(2, at: 0)
        line.learn(2, audio: 10)
        #expect(line.backlog == 10)
        // What both heard is the speed of the engine.
        line.progress(1, left: 35_980, at: 4)
        #expect(line.speed == 5)
    }

    @Test func `a patient task that is cancelled leaves the line, and others that give up let it begin`() async throws {
        let turnstile = Turnstile(places: 1, limit: 1)
        let gate = Gate()
        let worker = Task { try await turnstile.pass { _ in await gate.wait() } }
        await gate.untilWaiting()
        let waiter = Task { try await turnstile.pass { _ in } }
        while turnstile.waiting == 0 { await Task.yield() }
        let first = Task { try await turnstile.pass(isPatient: true) { _ in } }
        let second = Task { try await turnstile.pass(isPatient: true) { _ in } }
        while turnstile.counts.waiting < 3 { await Task.yield() }
        first.cancel()
        await #expect(throws: Turnstile.Refusal.cancelled) { try await first.value }
        waiter.cancel()
        try await second.value
        gate.open()
        try await worker.value
        #expect(turnstile.counts == (0, 0))
    }

    @Test func `no more jobs work at once than there are places, and all get their turn`() async throws {
        let turnstile = Turnstile(places: 2, limit: 100)
        let crowd = Crowd()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<20 {
                group.addTask { @concurrent in try await turnstile.pass { _ in await crowd.work() } }
            }
            try await group.waitForAll()
        }
        #expect(crowd.count.withLock { $0.done } == 20)
        #expect(crowd.count.withLock { $0.most } == 2)
    }

    @Test func `a cancelled task leaves the line and frees its place in it`() async throws {
        let turnstile = Turnstile(places: 1, limit: 1)
        let gate = Gate()
        let worker = Task { try await turnstile.pass { _ in await gate.wait() } }
        await gate.untilWaiting()
        let waiter = Task { try await turnstile.pass { _ in } }
        while turnstile.waiting == 0 { await Task.yield() }
        waiter.cancel()
        await #expect(throws: Turnstile.Refusal.cancelled) { try await waiter.value }
        let next = Task { try await turnstile.pass { _ in } }
        gate.open()
        try await worker.value
        try await next.value
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
