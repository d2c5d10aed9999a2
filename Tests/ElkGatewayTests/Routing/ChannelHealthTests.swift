import ElkProviders
import Testing

@testable import ElkGateway

@Suite struct ChannelHealthTests {
    @Test func `rests after three failures in a row, not before`() {
        var health = ChannelHealth()
        health.failed(now: 0)
        health.failed(now: 1)
        #expect(health.standing(now: 1) == .good)
        health.succeeded()
        health.failed(now: 2)
        health.failed(now: 3)
        #expect(health.standing(now: 3) == .good)
        health.failed(now: 4)
        #expect(health.standing(now: 4) == .cooling(until: 4 + ChannelHealth.firstRest))
    }

    @Test func `is tried by one request when its time is over, and rests twice as long when that fails`() {
        var health = ChannelHealth()
        health.rest(nil, now: 0)
        var now = ChannelHealth.firstRest
        #expect(health.standing(now: now) == .onTrial)
        health.began(now: now)
        #expect(health.standing(now: now) == .cooling(until: now + ChannelHealth.trial))
        health.failed(now: now + 1)
        now += 1
        #expect(health.standing(now: now) == .cooling(until: now + 2 * ChannelHealth.firstRest))
    }

    @Test func `a trial that never reports is followed by another`() {
        var health = ChannelHealth()
        health.rest(100, now: 0)
        health.began(now: 100)
        #expect(health.standing(now: 100 + ChannelHealth.trial) == .onTrial)
    }

    @Test func `a success ends the rest and its growth`() {
        var health = ChannelHealth()
        for _ in 0..<5 { health.rest(1, now: 0) }
        health.began(now: 10)
        health.succeeded()
        #expect(health.isSpotless)
        health.rest(nil, now: 20)
        #expect(health.standing(now: 20) == .cooling(until: 20 + ChannelHealth.firstRest))
    }

    @Test func `rests grow to a limit and named ones are honoured to another`() {
        var health = ChannelHealth()
        for _ in 0..<80 { health.rest(nil, now: .max / 2) }
        var long = ChannelHealth()
        for _ in 0..<40 {
            long.rest(0, now: 0)
        }
        long.rest(nil, now: 0)
        #expect(long.standing(now: 1) == .cooling(until: ChannelHealth.longestRest))
        long.rest(86_400_000, now: 0)
        #expect(long.standing(now: 1) == .cooling(until: 3_600_000))
        long.rest(-5, now: 7)
        #expect(long.standing(now: 7) == .onTrial)
    }

    @Test func `failures of requests that were under way do not prolong a rest`() {
        var health = ChannelHealth()
        health.rest(nil, now: 0)
        for now in 1..<100 { health.failed(now: Int64(now)) }
        #expect(health.standing(now: 100) == .cooling(until: ChannelHealth.firstRest))
    }

    @Test func `dead stays dead`() {
        var health = ChannelHealth()
        health.die()
        health.succeeded()
        health.rest(1, now: 0)
        health.failed(now: 1)
        #expect(health.standing(now: .max) == .dead)
    }

    @Test func `the board keeps keys, models and channels apart, and forgets what is well`() {
        let board = HealthBoard()
        board.failed(.keyDead, channel: "a", key: 1, model: "m", now: 0)
        board.failed(.modelGone, channel: "a", key: 2, model: "m", now: 0)
        board.failed(.channelCooling(milliseconds: 50), channel: "b", key: 1, model: "m", now: 0)
        let now = board.snapshot
        #expect(now.standing(of: .key(channel: "a", 1), now: 0) == .dead)
        #expect(now.standing(of: .key(channel: "a", 2), now: 0) == .good)
        #expect(now.standing(of: .model(channel: "a", "m"), now: 0) == .cooling(until: 300_000))
        #expect(now.standing(of: .channel("a"), now: 0) == .good)
        #expect(now.standing(of: .channel("b"), now: 0) == .cooling(until: 50))
        board.succeeded([.channel("b")])
        #expect(board.snapshot.standing(of: .channel("b"), now: 0) == .good)
        board.forget(channel: "a")
        #expect(board.snapshot.isClean)
    }
}
