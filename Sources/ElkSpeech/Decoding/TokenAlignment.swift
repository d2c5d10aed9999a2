internal import Glibc

/// When the tokens of a text are spoken, from how the decoder looked at the audio (openai/whisper, `timing.py`).
struct TokenAlignment {
    /// Encoder step (0.02 s) at which each text token begins, and end of text after them.
    let steps: [Int]
    /// Probability of each text token.
    let probabilities: [Float]

    /// - Parameters:
    ///   - alignment: of `start`, notimestamps, `text` and end of text.
    ///   - start: how many tokens come before notimestamps.
    ///   - columns: encoder steps that hold audio.
    init(_ alignment: Alignment, start: Int, text: [Int], columns: Int) {
        let tokens = start + text.count + 2
        // Text begins behind notimestamps; the first token of all has no probability.
        probabilities = Array(alignment.probabilities[start..<start + text.count])

        // The row of a token tells where the decoder looks to write the next one: notimestamps for the first.
        let rows = start..<start + text.count + 1
        let attention = Self.attention(alignment, tokens: tokens, rows: rows, columns: columns)
        steps = TimeWarp(attention, rows: rows.count, columns: columns).firstColumns
    }

    /// How much each of `rows` looks at each column compared to the other tokens; shape [rows × columns].
    private static func attention(_ alignment: Alignment, tokens: Int, rows: Range<Int>, columns: Int) -> [Float] {
        var mean = [Float](repeating: 0, count: rows.count * columns)
        guard alignment.heads > 0 else { return mean }
        let context = alignment.scores.count / (alignment.heads * tokens)
        var weights = [Float](repeating: 0, count: tokens * columns)
        var padded = [Float](repeating: 0, count: columns + 2 * reach)
        for head in 0..<alignment.heads {
            for token in 0..<tokens {
                let first = (head * tokens + token) * context
                softmax(alignment.scores[first..<first + columns], into: &weights, at: token * columns)
            }
            standardise(&weights, rows: tokens, columns: columns)
            for row in rows {
                let source = weights[row * columns..<(row + 1) * columns]
                addMedians(of: source, padded: &padded, to: &mean, at: (row - rows.lowerBound) * columns)
            }
        }
        let heads = Float(alignment.heads)
        for index in mean.indices { mean[index] /= heads }
        return mean
    }

    private static func softmax(_ scores: ArraySlice<Float>, into weights: inout [Float], at first: Int) {
        var largest = -Float.infinity
        for score in scores where score > largest { largest = score }
        var sum: Float = 0
        for (offset, score) in scores.enumerated() {
            let weight = expf(score - largest)
            weights[first + offset] = weight
            sum += weight
        }
        for index in first..<first + scores.count { weights[index] /= sum }
    }

    /// Every column to mean 0 and (population) deviation 1.
    private static func standardise(_ weights: inout [Float], rows: Int, columns: Int) {
        var mean = [Float](repeating: 0, count: columns)
        var variance = mean
        for row in 0..<rows {
            for column in 0..<columns { mean[column] += weights[row * columns + column] }
        }
        for column in 0..<columns { mean[column] /= Float(rows) }
        for row in 0..<rows {
            for column in 0..<columns {
                weights[row * columns + column] -= mean[column]
                let difference = weights[row * columns + column]
                variance[column] += difference * difference
            }
        }
        for column in 0..<columns {
            let deviation = (variance[column] / Float(rows)).squareRoot()
            variance[column] = deviation > 0 ? 1 / deviation : 0
        }
        for row in 0..<rows {
            for column in 0..<columns { weights[row * columns + column] *= variance[column] }
        }
    }

    /// Columns on each side that the median filter sees.
    private static let reach = 3

    /// Adds the running median of seven of `row`, mirrored at its ends; rows too short to be mirrored stay as they are.
    private static func addMedians(
        of row: ArraySlice<Float>,
        padded: inout [Float],
        to sum: inout [Float],
        at first: Int
    ) {
        let count = row.count
        guard count > reach else {
            for (offset, value) in row.enumerated() { sum[first + offset] += value }
            return
        }
        for (offset, value) in row.enumerated() { padded[reach + offset] = value }
        for offset in 1...reach {
            padded[reach - offset] = padded[reach + offset]
            padded[reach + count - 1 + offset] = padded[reach + count - 1 - offset]
        }
        for column in 0..<count {
            sum[first + column] += medianOfSeven(padded, at: column)
        }
    }

    /// The median of `values[first ..< first + 7]`: of five values the least and the greatest cannot be the median of the
    /// seven, nor of the next four and three.
    static func medianOfSeven(_ values: [Float], at first: Int) -> Float {
        func order(_ low: inout Float, _ high: inout Float) {
            let (a, b) = (low, high)
            low = b < a ? b : a
            high = b < a ? a : b
        }
        var (a, b, c, d, e) = (
            values[first], values[first + 1], values[first + 2], values[first + 3], values[first + 4]
        )
        order(&a, &b)
        order(&c, &d)
        order(&a, &c)
        order(&b, &d)
        order(&a, &e)
        order(&d, &e)
        var f = values[first + 5]
        order(&b, &c)
        order(&d, &f)
        order(&b, &d)
        order(&c, &f)
        var g = values[first + 6]
        order(&c, &d)
        order(&d, &g)
        order(&c, &d)
        return d
    }
}
