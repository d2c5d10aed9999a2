/// Follows the `width` likeliest continuations at once (openai/whisper, `BeamSearchDecoder`).
struct BeamSearch: TokenSearch {
    private let filters: LogitFilters
    private let width: Int
    private let keywords: KeywordBias?
    private let share: Share
    /// Ended hypotheses that complete the search.
    private let wanted: Int
    private var beams = [Hypothesis()]
    private var finished: [Hypothesis] = []

    /// Calls a closure for 0 ..< a count, perhaps on several threads: rows are looked through without regard to each other.
    typealias Share = (_ count: Int, _ body: (Int) -> Void) -> Void

    private struct Candidate {
        var beam: Int
        var token: Int
        var sum: Float
        var logProbability: Float
        /// With the bonus of the keywords.
        var score: Float
        var bonus: Float
        var place: KeywordBias.Place
    }

    /// - Parameter patience: how many ended hypotheses to wait for, as a multiple of the width.
    init(
        filters: LogitFilters,
        width: Int,
        patience: Float,
        keywords: KeywordBias? = nil,
        share: @escaping Share = { count, body in (0..<count).forEach(body) }
    ) {
        self.keywords = keywords
        self.share = share
        self.filters = filters
        self.width = width
        let wanted = (Float(width) * patience).rounded(.toNearestOrEven)
        self.wanted = wanted >= 1 ? Int(min(wanted, 10_000)) : 1
    }

    /// Those that ended; if they are fewer than the beam is wide, the best of the others too.
    var hypotheses: [Hypothesis] {
        finished + beams.sorted { $0.sum + $0.bonus > $1.sum + $1.bonus }.prefix(max(0, width - finished.count))
    }

    mutating func advance(_ rows: [LogitRow]) -> SearchStep? {
        var ended: [Hypothesis] = []
        var kept: [Candidate] = []
        for candidate in candidates(rows) where kept.count < width {
            if candidate.token == filters.endOfText {
                var hypothesis = beams[candidate.beam]
                hypothesis.sum = candidate.sum
                hypothesis.bonus = candidate.bonus
                hypothesis.keywords = candidate.place
                ended.append(hypothesis)
            } else {
                kept.append(candidate)
            }
        }
        finished += ended.prefix(wanted - finished.count)
        beams = kept.map { candidate in
            var hypothesis = beams[candidate.beam]
            hypothesis.tokens.append(candidate.token)
            hypothesis.logProbabilities.append(candidate.logProbability)
            hypothesis.sum = candidate.sum
            hypothesis.bonus = candidate.bonus
            hypothesis.keywords = candidate.place
            return hypothesis
        }
        guard finished.count < wanted, !kept.isEmpty else { return nil }
        return SearchStep(tokens: kept.map(\.token), sources: kept.map(\.beam))
    }

    /// Every row's best tokens, the likeliest continuation first.
    ///
    /// One more than the width, as one of them may end it.
    private func candidates(_ rows: [LogitRow]) -> [Candidate] {
        var all = [[Candidate]](repeating: [], count: rows.count)
        all.withUnsafeMutableBufferPointer { all in
            // Safe on several threads: each writes to elements of its own.
            share(rows.count) { all[$0] = candidates(rows[$0], of: $0) }
        }
        return all.joined().enumerated()
            .sorted { ($1.element.score, $0.offset) < ($0.element.score, $1.offset) }
            .map(\.element)
    }

    private func candidates(_ row: LogitRow, of beam: Int) -> [Candidate] {
        let before = beams[beam]
        let distribution = filters.distribution(of: row, after: before.tokens)
        let tokens =
            keywords?.candidates(distribution, width + 1, at: before.keywords) ?? distribution.top(width + 1)
        return tokens.map { token in
            let logProbability = distribution.logProbability(of: token)
            let sum = before.sum + logProbability
            var place = before.keywords
            let bonus = before.bonus + (keywords?.advance(&place, with: token) ?? 0)
            return Candidate(
                beam: beam,
                token: token,
                sum: sum,
                logProbability: logProbability,
                score: sum + bonus,
                bonus: bonus,
                place: place
            )
        }
    }
}
