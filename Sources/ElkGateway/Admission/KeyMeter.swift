import Synchronization

/// What one key may do at a time and in a minute, and what it has done.
///
/// Lives as long as the key, across catalogs.
///
/// Counts are of this process: several processes on one database each grant the limits.
package final class KeyMeter: Sendable {
    package struct Limits: Sendable, Hashable {
        package var requestsPerMinute: Int?
        package var tokensPerMinute: Int?
        package var maxParallel: Int?

        package init(requestsPerMinute: Int? = nil, tokensPerMinute: Int? = nil, maxParallel: Int? = nil) {
            self.requestsPerMinute = requestsPerMinute
            self.tokensPerMinute = tokensPerMinute
            self.maxParallel = maxParallel
        }

        package var isUnlimited: Bool { requestsPerMinute == nil && tokensPerMinute == nil && maxParallel == nil }
    }

    /// What was left after a request was let in, for `x-ratelimit-*`; nil where there is no limit.
    package struct Readings: Sendable, Hashable {
        package var requests: RateWindow.Reading?
        package var tokens: RateWindow.Reading?
    }

    /// Why a request has to wait, or cannot come in at all.
    package enum Refusal: Error, Sendable, Hashable {
        case requests(wait: Int64, Readings)
        case tokens(wait: Int64, Readings)
        /// It alone is over the limit of tokens: waiting will not help.
        case tooLarge(limit: Int)
        case parallel(limit: Int)
    }

    private struct State {
        var requests = RateWindow()
        var tokens = RateWindow()
        var running = 0

        mutating func readings(_ limits: Limits, _ now: Int64) -> Readings {
            Readings(
                requests: limits.requestsPerMinute.map { requests.reading(limit: $0, now: now) },
                tokens: limits.tokensPerMinute.map { tokens.reading(limit: $0, now: now) }
            )
        }
    }

    private let state = Mutex(State())

    package init() {}

    /// Lets one request in or says why not; refused, nothing is counted.
    ///
    /// Each one let in needs one `leave`.
    package func enter(tokens: Int, limits: Limits, now: Int64) throws(Refusal) -> Readings {
        try state.withLock { state throws(Refusal) in
            if let most = limits.maxParallel, state.running >= most { throw .parallel(limit: most) }
            if let limit = limits.tokensPerMinute {
                guard tokens <= limit else { throw .tooLarge(limit: limit) }
                if let wait = state.tokens.wait(for: tokens, limit: limit, now: now) {
                    throw .tokens(wait: wait, state.readings(limits, now))
                }
            }
            if let limit = limits.requestsPerMinute, let wait = state.requests.take(1, limit: limit, now: now) {
                throw .requests(wait: wait, state.readings(limits, now))
            }
            if let limit = limits.tokensPerMinute { _ = state.tokens.take(tokens, limit: limit, now: now) }
            state.running += 1
            return state.readings(limits, now)
        }
    }

    /// Ends a request that was let in at `entered` with an estimate, by what it really used.
    package func leave(entered: Int64, estimated: Int, used: Int, limits: Limits, now: Int64) {
        state.withLock { state in
            state.running = max(0, state.running - 1)
            if limits.tokensPerMinute != nil { state.tokens.correct(by: used - estimated, takenAt: entered, now: now) }
        }
    }

    /// Undoes an `enter` whose request was refused for another reason afterwards.
    package func undo(entered: Int64, tokens: Int, limits: Limits, now: Int64) {
        state.withLock { state in
            state.running = max(0, state.running - 1)
            if limits.requestsPerMinute != nil { state.requests.correct(by: -1, takenAt: entered, now: now) }
            if limits.tokensPerMinute != nil { state.tokens.correct(by: -tokens, takenAt: entered, now: now) }
        }
    }

    package var running: Int { state.withLock { $0.running } }
}
