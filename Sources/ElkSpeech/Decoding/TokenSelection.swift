/// Greedy choice at temperature 0, independent samples above it.
struct TokenSelection: TokenSearch {
    private let filters: LogitFilters
    private let temperature: Float
    private let keywords: KeywordBias?
    private var rows: [Row]
    private var isFirst = true

    private struct Row {
        var hypothesis = Hypothesis()
        var generator: SeededGenerator
        var hasEnded = false
    }

    /// - Parameter generators: one a sample; at temperature 0 a single one, which is not used.
    init(
        filters: LogitFilters,
        temperature: Float,
        generators: [SeededGenerator],
        keywords: KeywordBias? = nil
    ) {
        self.keywords = keywords
        self.filters = filters
        self.temperature = temperature
        rows = generators.map { Row(generator: $0) }
    }

    var hypotheses: [Hypothesis] { rows.map(\.hypothesis) }

    mutating func advance(_ logits: [LogitRow]) -> SearchStep? {
        var step = SearchStep(tokens: [], sources: [])
        var source = 0
        for index in rows.indices where !rows[index].hasEnded {
            // All samples leave from the one row of the prompt; later each has its own, and those that ended have none.
            let row = logits[isFirst ? 0 : source]
            if let token = extend(&rows[index], from: row) {
                step.tokens.append(token)
                step.sources.append(isFirst ? 0 : source)
            }
            source += 1
        }
        isFirst = false
        return step.tokens.isEmpty ? nil : step
    }

    /// Adds a token to `row` and returns it, or nil at the end.
    private func extend(_ row: inout Row, from logits: LogitRow) -> Int? {
        let distribution = filters.distribution(of: logits, after: row.hypothesis.tokens)
        let choice =
            temperature > 0
            ? distribution.sample(temperature: temperature, using: &row.generator)
            : keywords?.best(distribution, at: row.hypothesis.keywords) ?? distribution.top(1).first
        guard let choice else {
            row.hasEnded = true
            return nil
        }
        let logProbability = distribution.logProbability(of: choice)
        row.hypothesis.sum += logProbability
        guard choice != filters.endOfText else {
            row.hasEnded = true
            return nil
        }
        _ = keywords?.advance(&row.hypothesis.keywords, with: choice)
        row.hypothesis.tokens.append(choice)
        row.hypothesis.logProbabilities.append(logProbability)
        return choice
    }
}
