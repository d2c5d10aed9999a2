import ElkProviders
import Testing

@testable import ElkGateway

@Suite struct RouteWalkTests {
    /// Which entry and key come after each verdict.
    static func walk(_ keys: [[Int]], _ verdicts: [Verdict], budget: RouteWalk.Budget = .init()) -> [RouteWalk.Step?] {
        var walk = RouteWalk(keys: keys, budget: budget)
        return [walk.first()] + verdicts.map { walk.after($0, elapsed: 0) }
    }

    @Test func `each verdict leads where it says`() {
        let keys = [[2, 0], [1]]
        let first = RouteWalk.Step(entry: 0, key: 2)
        #expect(Self.walk(keys, [.retryOtherKey]) == [first, .init(entry: 0, key: 0)])
        #expect(Self.walk(keys, [.retryOtherChannel]) == [first, .init(entry: 1, key: 1)])
        #expect(Self.walk(keys, [.retrySameKey(after: 300)]) == [first, .init(entry: 0, key: 2, pause: 300)])
        #expect(Self.walk(keys, [.stop]) == [first, nil])
    }

    @Test func `without another key it goes to the next channel, and without one it gives up`() {
        #expect(
            Self.walk([[0, 1], [0]], [.retryOtherKey, .retryOtherKey, .retryOtherKey]) == [
                .init(entry: 0, key: 0), .init(entry: 0, key: 1), .init(entry: 1, key: 0), nil,
            ]
        )
        #expect(Self.walk([[0]], [.retryOtherChannel]) == [.init(entry: 0, key: 0), nil])
        #expect(Self.walk([], []) == [nil])
    }

    @Test func `the same key gets one second chance`() {
        #expect(
            Self.walk([[0], [5]], [.retrySameKey(after: 0), .retrySameKey(after: 0)]) == [
                .init(entry: 0, key: 0), .init(entry: 0, key: 0), .init(entry: 1, key: 5),
            ]
        )
    }

    @Test func `a long pause is not waited for`() {
        #expect(
            Self.walk([[0], [5]], [.retrySameKey(after: 30_000)]) == [.init(entry: 0, key: 0), .init(entry: 1, key: 5)]
        )
        #expect(Self.walk([[0]], [.retrySameKey(after: 30_000)]) == [.init(entry: 0, key: 0), nil])
    }

    @Test func `tries and time are bounded over all channels`() {
        var budget = RouteWalk.Budget()
        budget.attempts = 3
        var walk = RouteWalk(keys: (0..<10).map { _ in [0] }, budget: budget)
        var tries = walk.first() == nil ? 0 : 1
        while walk.after(.retryOtherChannel, elapsed: 0) != nil { tries += 1 }
        #expect(tries == 3)
        #expect(walk.isExhausted)

        var slow = RouteWalk(keys: [[0], [0]], budget: budget)
        _ = slow.first()
        #expect(slow.after(.retryOtherChannel, elapsed: budget.milliseconds) == nil)
        #expect(slow.isExhausted)
    }

    @Test func `giving up for lack of places is not exhaustion`() {
        var walk = RouteWalk(keys: [[0]])
        _ = walk.first()
        #expect(walk.after(.retryOtherChannel, elapsed: 0) == nil)
        #expect(!walk.isExhausted)
    }

    @Test func `no sequence of verdicts makes more tries than the budget`() {
        let verdicts: [Verdict] = [
            .retrySameKey(after: nil), .retrySameKey(after: 1), .retryOtherKey, .retryOtherChannel, .stop,
        ]
        for seed in 0..<2_000 {
            var random = SplitMix(seed: UInt64(seed))
            let keys = (0..<Int.random(in: 1...4, using: &random)).map { _ in
                Array(0..<Int.random(in: 1...3, using: &random))
            }
            var walk = RouteWalk(keys: keys)
            var step = walk.first()
            var tries = 0
            while let current = step {
                tries += 1
                #expect(keys[current.entry].contains(current.key))
                guard let verdict = verdicts.randomElement(using: &random) else { break }
                step = walk.after(verdict, elapsed: 0)
            }
            #expect(tries <= 4)
        }
    }
}

/// A small seeded generator.
struct SplitMix: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var value = state
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
