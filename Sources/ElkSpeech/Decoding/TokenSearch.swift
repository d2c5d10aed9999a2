/// Chooses tokens from logits, step by step.
///
/// Decides only; `DecodingTask` moves the network.
protocol TokenSearch {
    /// Looks at the logits of every row that the last step asked for (first of all, the single row of the prompt).
    ///
    /// - Returns: what the network is to compute next, nil when the search is complete.
    mutating func advance(_ rows: [LogitRow]) -> SearchStep?

    /// What was found so far; at the end, the candidates for the result.
    var hypotheses: [Hypothesis] { get }
}

/// The rows of the next step of the network: row i goes on from the earlier row `sources[i]` with `tokens[i]`.
struct SearchStep: Hashable {
    var tokens: [Int]
    var sources: [Int]
}
