import ElkGateway
import ElkTestSupport
import Testing

@Suite struct RateWindowTests {
    @Test func `exactly the limit is granted and the rest is told when to come back`() {
        var window = RateWindow()
        for _ in 0..<5 { #expect(window.take(1, limit: 5, now: 10_500) == nil) }
        #expect(window.reading(limit: 5, now: 10_500).remaining == 0)
        let wait = window.take(1, limit: 5, now: 10_500)
        #expect(wait == 60_500)
        #expect(window.take(1, limit: 5, now: 10_500 + 60_499) != nil)
        #expect(window.take(1, limit: 5, now: 10_500 + 60_500) == nil)
    }

    @Test func `no sixty seconds hold more than the limit`() {
        var random = SeededRandom(seed: 7)
        var window = RateWindow()
        var granted: [Int64] = []
        var now: Int64 = 1_000
        for _ in 0..<20_000 {
            now += Int64.random(in: 0...400, using: &random)
            if window.take(1, limit: 50, now: now) == nil { granted.append(now) }
        }
        for (index, time) in granted.enumerated() where index >= 50 { #expect(time - granted[index - 50] >= 60_000) }
        #expect(granted.count > 2_000)
    }

    @Test func `waiting as long as told is enough`() {
        var random = SeededRandom(seed: 8)
        var window = RateWindow()
        var now: Int64 = 5_000
        for _ in 0..<2_000 {
            let amount = Int.random(in: 1...40, using: &random)
            if let wait = window.take(amount, limit: 100, now: now) {
                #expect(wait > 0 && wait <= 61_000)
                now += wait
                #expect(window.take(amount, limit: 100, now: now) == nil)
            }
            now += Int64.random(in: 0...900, using: &random)
        }
    }

    @Test func `an amount over the limit never fits`() {
        var window = RateWindow()
        #expect(window.take(101, limit: 100, now: 0) == .max)
        #expect(window.take(.max, limit: 100, now: 0) == .max)
        #expect(window.take(1, limit: 0, now: 0) == .max)
    }

    @Test func `a correction gives back what was estimated too high and counts what was too low`() {
        var window = RateWindow()
        #expect(window.take(80, limit: 100, now: 1_000) == nil)
        window.correct(by: -50, takenAt: 1_000, now: 3_000)
        #expect(window.reading(limit: 100, now: 3_000).remaining == 70)
        window.correct(by: 200, takenAt: 1_000, now: 3_000)
        #expect(window.reading(limit: 100, now: 3_000).remaining == 0)
        #expect(window.take(1, limit: 100, now: 3_000) == 59_000)
    }

    @Test func `a correction of something long past or never taken changes nothing`() {
        var window = RateWindow()
        window.correct(by: -5, takenAt: 1_000, now: 2_000)
        #expect(window.reading(limit: 10, now: 2_000).remaining == 10)
        #expect(window.take(5, limit: 10, now: 2_000) == nil)
        window.correct(by: -5, takenAt: 2_000, now: 90_000)
        #expect(window.reading(limit: 10, now: 90_000).remaining == 10)
        window.correct(by: 5, takenAt: 200_000, now: 90_000)
        #expect(window.reading(limit: 10, now: 90_000).remaining == 10)
    }

    @Test func `a clock that jumps back or far ahead is survived`() {
        var window = RateWindow()
        #expect(window.take(1, limit: 1, now: 500_000) == nil)
        #expect(window.take(1, limit: 1, now: 100) != nil)
        #expect(window.take(1, limit: 1, now: .max / 2) == nil)
        #expect(window.take(1, limit: 1, now: -5) != nil)
    }

    @Test func `the reset is when everything is forgotten`() {
        var window = RateWindow()
        #expect(window.reading(limit: 3, now: 7_000).resetMilliseconds == 0)
        _ = window.take(1, limit: 3, now: 7_000)
        _ = window.take(1, limit: 3, now: 9_900)
        #expect(window.reading(limit: 3, now: 10_000).resetMilliseconds == 60_000)
    }
}
