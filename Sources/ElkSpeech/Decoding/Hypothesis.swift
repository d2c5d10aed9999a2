internal import Glibc

/// One continuation of the prompt and how likely it is.
struct Hypothesis: Hashable {
    /// Sampled tokens without end of text.
    var tokens: [Int] = []
    /// Of each token.
    var logProbabilities: [Float] = []
    /// Sum of the log-probabilities after the filters, before any temperature; end of text counts if it was sampled.
    var sum: Float = 0
    /// Where the text is in the keywords, and what they add to its score.
    var keywords = KeywordBias.Place()
    var bonus: Float = 0

    /// The mean over the tokens and end of text.
    var averageLogProbability: Float { sum / Float(tokens.count + 1) }

    /// What the best of several is chosen by: the mean over the tokens alone, or the penalty of Wu and others (2016) in place
    /// of the length.
    func score(lengthPenalty alpha: Float?) -> Float {
        let length = Float(max(tokens.count, 1))
        return (sum + bonus - keywords.debt) / (alpha.map { powf((5 + length) / 6, $0) } ?? length)
    }
}

extension Sequence<Hypothesis> {
    /// The first of those with the highest score.
    func best(lengthPenalty: Float?) -> Hypothesis? {
        reduce(nil as Hypothesis?) { best, next in
            guard let best else { return next }
            return next.score(lengthPenalty: lengthPenalty) > best.score(lengthPenalty: lengthPenalty) ? next : best
        }
    }
}
