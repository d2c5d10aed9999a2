internal import Glibc

/// The log-probabilities of the tokens that the filters left in one row of logits.
///
/// Only the two ranges are looked at; whatever lies outside of them does not count.
struct TokenDistribution {
    private let row: LogitRow
    /// Text tokens and end of text.
    let text: Range<Int>
    let timestamps: Range<Int>
    private let largest: Float
    private let logSum: Float

    /// - Parameter timestampsCompete: leave only timestamps if all of them together are likelier than the best text token.
    init(row: LogitRow, text: Range<Int>, timestamps: Range<Int>, timestampsCompete: Bool) {
        let bestText = row.largest(in: text)
        let allTimestamps = row.logSum(in: timestamps)
        let timestampsWin = timestampsCompete && allTimestamps > bestText
        self.row = row
        self.text = timestampsWin ? 0..<0 : text
        self.timestamps = timestamps

        let largest = max(timestampsWin ? -.infinity : bestText, row.largest(in: timestamps))
        self.largest = largest
        logSum =
            largest + logf(row.sum(in: self.text, shift: largest) + row.sum(in: timestamps, shift: largest))
    }

    /// Nothing may be chosen: all is forbidden, or the network computed nonsense (NaN or infinity).
    var isEmpty: Bool { !largest.isFinite }

    func logProbability(of token: Int) -> Float { row[token] - logSum }

    /// The `count` likeliest tokens, the likeliest first and of equals the lower id first.
    func top(_ count: Int) -> [Int] {
        isEmpty ? [] : row.top(count, in: text, and: timestamps)
    }

    /// A token drawn from softmax(logits / `temperature`), nil if the distribution is empty.
    func sample(temperature: Float, using generator: inout SeededGenerator) -> Int? {
        guard !isEmpty else { return nil }
        // Below this a temperature is as good as zero, and its inverse would be infinite.
        let scale = 1 / max(temperature, 1e-6)
        let total = [text, timestamps].reduce(0) { $0 + Double(row.sum(in: $1, shift: largest, scale: scale)) }
        var target = generator.fraction() * total
        return row.find(&target, in: text, shift: largest, scale: scale)
            ?? row.find(&target, in: timestamps, shift: largest, scale: scale)
            // Rounding may leave a crumb behind the last token.
            ?? top(1).first
    }
}
