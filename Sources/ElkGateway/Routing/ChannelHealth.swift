import ElkProviders

/// The health of one thing that requests depend on (a channel, one of its keys, a model at it), by what requests met there.
///
///     good ──3 failures, or told to wait──► cooling ──time is over──► one request tries
///       ▲                                      ▲                          │
///       └───────────── it succeeds ────────────┼──────────────────────────┤
///                                              └── it fails: twice as long┘
///     dead: until the operator changes the key, which makes it another one
///
/// Times are milliseconds and passed in.
package struct ChannelHealth: Sendable, Hashable {
    package enum Standing: Sendable, Hashable {
        case good
        /// Its time is over, and the next request shows whether it works again.
        case onTrial
        case cooling(until: Int64)
        case dead
    }

    private enum State: Hashable {
        case good(strikes: Int)
        case cooling(until: Int64)
        /// A request is trying it; if that never says how it went, another may after this time.
        case trying(until: Int64)
        case dead
    }

    /// Failures in a row after which a channel rests, where the provider did not name a time.
    static let strikes = 3
    static let firstRest: Int64 = 5_000
    static let longestRest: Int64 = 300_000
    static let trial: Int64 = 60_000

    private var state = State.good(strikes: 0)
    /// Rests in a row without a success between them.
    private var rests = 0

    package init() {}

    /// Nothing is known against it, so that it need not be kept.
    var isSpotless: Bool { state == .good(strikes: 0) }

    package func standing(now: Int64) -> Standing {
        switch state {
        case .good: .good
        case .cooling(let until), .trying(let until): until <= now ? .onTrial : .cooling(until: until)
        case .dead: .dead
        }
    }

    /// A request is about to use it: one that is on trial is tried by this request alone.
    package mutating func began(now: Int64) {
        if standing(now: now) == .onTrial { state = .trying(until: now + Self.trial) }
    }

    package mutating func succeeded() {
        guard state != .dead else { return }
        (state, rests) = (.good(strikes: 0), 0)
    }

    /// It failed in a way that may pass by itself.
    package mutating func failed(now: Int64) {
        switch state {
        case .good(let strikes) where strikes + 1 < Self.strikes: state = .good(strikes: strikes + 1)
        case .good, .trying: rest(nil, now: now)
        // Requests that were under way when it began to rest say nothing new.
        case .cooling, .dead: break
        }
    }

    /// It is to be left alone: for the time that the provider named, else for one that grows.
    package mutating func rest(_ milliseconds: Int64?, now: Int64) {
        guard state != .dead else { return }
        let grown = min(Self.longestRest, Self.firstRest << Int64(min(rests, 10)))
        if case .cooling(let until) = state, milliseconds == nil, until > now { return }
        state = .cooling(until: now + (milliseconds.map { max(0, min($0, 3_600_000)) } ?? grown))
        rests += 1
    }

    package mutating func die() { state = .dead }
}
