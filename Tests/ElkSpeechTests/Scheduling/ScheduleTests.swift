import Testing

@testable import ElkSpeech

struct ScheduleTests {
    private func schedule(_ jobs: Schedule.Job...) -> Schedule {
        var schedule = Schedule()
        for job in jobs { schedule.begin(job) }
        return schedule
    }

    @Test func `a job alone never waits`() {
        var schedule = schedule(1)
        schedule.wantsWindow(1, seconds: 30)
        #expect(schedule.next(at: 0) == .encode(1))
        schedule.encoded(1, isLast: true, at: 1, took: 1)
        schedule.wantsPass(1, tokens: 3)
        #expect(schedule.next(at: 1) == .decode([1]))
        schedule.decoded([1], at: 1.002, took: 0.002)
        #expect(schedule.next(at: 1.002) == .nothing)
        schedule.wantsPass(1, tokens: 1)
        #expect(schedule.next(at: 1.002) == .decode([1]))
    }

    @Test func `whoever decodes takes the next step with all others that do`() {
        var schedule = schedule(1, 2, 3)
        for job in [3, 1, 2] as [Schedule.Job] { schedule.wantsPass(job, tokens: 5) }
        #expect(schedule.next(at: 0) == .decode([3, 1, 2]))
    }

    @Test func `those that were just answered are waited for, but not for long`() {
        var schedule = schedule(1, 2)
        schedule.wantsPass(1, tokens: 1)
        schedule.wantsPass(2, tokens: 1)
        schedule.decoded([1, 2], at: 10, took: 0.006)
        schedule.wantsPass(1, tokens: 1)
        guard case .wait(let seconds) = schedule.next(at: 10.001) else {
            Issue.record("it does not wait")
            return
        }
        #expect(abs(seconds - 0.001) < 1e-6)
        #expect(schedule.next(at: 10.003) == .decode([1]))
        schedule.wantsPass(2, tokens: 1)
        #expect(schedule.next(at: 10.001) == .decode([1, 2]))
    }

    @Test func `a long prompt and a wide beam have a pass of their own`() {
        var schedule = schedule(1, 2, 3)
        schedule.wantsPass(1, tokens: 226)
        schedule.wantsPass(2, tokens: 5)
        schedule.wantsPass(3, tokens: 13)
        #expect(schedule.next(at: 0) == .decode([1]))
        schedule.withdraw(1)
        #expect(schedule.next(at: 0) == .decode([2]))
        schedule.withdraw(2)
        #expect(schedule.next(at: 0) == .decode([3]))
    }

    @Test func `a newcomer goes before the next window of who is at work, and after its first they take turns`() {
        var schedule = schedule(1)
        schedule.wantsWindow(1, seconds: 30)
        schedule.encoded(1, isLast: true, at: 0, took: 1)
        schedule.wantsWindow(1, seconds: 30)
        schedule.encoded(1, isLast: true, at: 1, took: 1)
        schedule.begin(2)
        schedule.wantsWindow(1, seconds: 30)
        schedule.wantsWindow(2, seconds: 30)
        var order: [Schedule.Job] = []
        for turn in 2..<8 {
            guard case .encode(let job) = schedule.next(at: Double(turn)) else { break }
            order.append(job)
            schedule.encoded(job, isLast: true, at: Double(turn), took: 0.5)
            schedule.wantsWindow(job, seconds: 30)
        }
        #expect(order.first == 2)
        #expect(order.filter { $0 == 1 }.count == 3 || order.filter { $0 == 1 }.count == 2)
    }

    @Test func `a newcomer goes before a window that is under way, once`() {
        var schedule = schedule(1)
        schedule.wantsWindow(1, seconds: 30)
        schedule.encoded(1, isLast: true, at: 0, took: 1)
        schedule.wantsWindow(1, seconds: 30)
        schedule.encoded(1, isLast: false, at: 1, took: 0.1)
        schedule.begin(2)
        schedule.wantsWindow(2, seconds: 10)
        #expect(schedule.next(at: 2) == .encode(2))
        schedule.encoded(2, isLast: false, at: 2, took: 0.1)
        // All encoders are taken: a third waits although nobody had less.
        schedule.begin(3)
        schedule.wantsWindow(3, seconds: 10)
        #expect(schedule.next(at: 3) == .encode(2))
        schedule.encoded(2, isLast: true, at: 3, took: 0.1)
        #expect(schedule.next(at: 3.1) == .encode(3))
        schedule.encoded(3, isLast: true, at: 4, took: 0.1)
        #expect(schedule.next(at: 4.1) == .encode(1))
    }

    @Test func `a newcomer that hears its window again is still one`() {
        var schedule = schedule(1)
        for _ in 0..<3 {
            schedule.wantsWindow(1, seconds: 30)
            schedule.encoded(1, isLast: true, at: 0, took: 1)
        }
        schedule.begin(2)
        schedule.wantsWindow(2, seconds: 10)
        schedule.encoded(2, isLast: true, at: 0, took: 1)
        schedule.wantsWindow(1, seconds: 30)
        schedule.wantsWindow(2, seconds: 30, isAgain: true)
        #expect(schedule.next(at: 1) == .encode(2))
        schedule.encoded(2, isLast: true, at: 1, took: 1)
        schedule.wantsPass(2, tokens: 1)
        #expect(schedule.next(at: 2) == .decode([2]))
    }

    @Test func `a newcomer goes before a window that is heard again, however long ago it had its turn`() {
        var schedule = schedule(1)
        schedule.wantsWindow(1, seconds: 30)
        schedule.encoded(1, isLast: true, at: 0, took: 1)
        schedule.wantsWindow(1, seconds: 30, isAgain: true)
        schedule.begin(2)
        schedule.wantsPass(2, tokens: 1)
        #expect(schedule.next(at: 1) == .decode([2]))
    }

    @Test func `a newcomer goes before the steps of a long recording whose window others have been in`() {
        var schedule = schedule(1)
        schedule.wantsWindow(1, seconds: 30)
        schedule.encoded(1, isLast: true, at: 0, took: 1)
        schedule.wantsWindow(1, seconds: 30)
        schedule.encoded(1, isLast: false, at: 0, took: 0.1)
        for newcomer in [2, 3] as [Schedule.Job] {
            schedule.begin(newcomer)
            schedule.wantsWindow(newcomer, seconds: 11)
            schedule.encoded(newcomer, isLast: true, at: 0, took: 0.1)
            schedule.end(newcomer)
        }
        schedule.encoded(1, isLast: true, at: 0, took: 0.1)
        schedule.wantsPass(1, tokens: 5)
        schedule.decoded([1], at: 1, took: 0.004)
        schedule.wantsPass(1, tokens: 5)
        schedule.begin(4)
        schedule.wantsWindow(4, seconds: 11)
        #expect(schedule.next(at: 2) == .encode(4))
    }

    @Test func `the steps of a long recording have their turn however many newcomers come`() {
        var schedule = schedule(1)
        schedule.wantsWindow(1, seconds: 30)
        schedule.encoded(1, isLast: true, at: 0, took: 1)
        schedule.wantsPass(1, tokens: 5)
        schedule.decoded([1], at: 0, took: 1)
        var turns = 0
        for newcomer in 100..<200 as Range<Schedule.Job> {
            turns += 1
            schedule.wantsPass(1, tokens: 5)
            schedule.begin(newcomer)
            schedule.wantsWindow(newcomer, seconds: 10)
            guard case .encode(let job) = schedule.next(at: 1e6), job != 1 else { break }
            schedule.encoded(job, isLast: true, at: 1e6, took: 0.1)
            schedule.end(job)
        }
        #expect((2..<20).contains(turns))
    }

    @Test func `a long recording gets its turn however many newcomers come`() {
        var schedule = schedule(1)
        schedule.wantsWindow(1, seconds: 30)
        schedule.encoded(1, isLast: true, at: 0, took: 1)
        schedule.wantsWindow(1, seconds: 30)
        var turns = 0
        for newcomer in 100..<200 as Range<Schedule.Job> {
            turns += 1
            schedule.begin(newcomer)
            schedule.wantsWindow(newcomer, seconds: 10)
            guard case .encode(let job) = schedule.next(at: 1e6 + Double(turns)), job != 1 else { break }
            schedule.encoded(job, isLast: true, at: Double(turns), took: 0.1)
            schedule.end(job)
        }
        #expect(turns < 20)
    }

    @Test func `while windows wait, passes come now and then and so with more jobs`() {
        var schedule = schedule(1, 2, 3)
        schedule.wantsPass(1, tokens: 1)
        schedule.decoded([1], at: 0, took: 0.01)
        schedule.wantsPass(1, tokens: 1)
        schedule.wantsPass(2, tokens: 1)
        schedule.wantsWindow(3, seconds: 30)
        var pieces = 0
        while schedule.next(at: 1) == .encode(3) {
            schedule.encoded(3, isLast: false, at: 1, took: 0.02)
            pieces += 1
        }
        #expect(pieces == 4)
        #expect(schedule.next(at: 1) == .decode([1, 2]))
    }

    @Test func `who decodes with little audio behind it is not held up by the windows of a long recording`() {
        var schedule = schedule(1)
        for _ in 0..<3 {
            schedule.wantsWindow(1, seconds: 30)
            schedule.encoded(1, isLast: true, at: 0, took: 1)
        }
        schedule.begin(2)
        schedule.wantsWindow(2, seconds: 10)
        schedule.encoded(2, isLast: true, at: 0, took: 1)
        schedule.wantsPass(2, tokens: 1)
        schedule.wantsWindow(1, seconds: 30)
        #expect(schedule.next(at: 1) == .decode([2]))
        schedule.decoded([2], at: 1.01, took: 0.003)
        guard case .wait = schedule.next(at: 1.01) else {
            Issue.record("it does not wait for the next step")
            return
        }
        #expect(schedule.next(at: 1.02) == .encode(1))
    }
}
