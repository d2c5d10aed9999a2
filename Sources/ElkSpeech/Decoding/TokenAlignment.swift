internal import Glibc

/// When the words of a text are spoken, from how the decoder looked at the audio.
///
/// Close to openai/whisper, `timing.py`, but for what its path goes through: here the logarithm of the share of attention that a
/// step gets, mean of the heads, as if that were the step's probability; and between words there may be silence. Times are the
/// nearer to known ones for it (`scripts/word-times`).
struct TokenAlignment {
    /// Encoder steps (0.02 s) that each word takes, end of text excepted; empty for one that shares its step with others.
    let words: [Range<Int>]
    /// Probability of each text token.
    let probabilities: [Float]

    /// What silence is worth to the path where nobody speaks: as a step with so much attention.
    private static let silence: Float = 0.05
    /// Likewise where somebody does.
    private static let noSilence: Float = 1e-6
    /// Added to all attention: a step without any is unlikely, not impossible.
    private static let floor: Float = 0.003
    /// What speech before and behind the text is worth: more than a word that nobody looks at, as the text may lack it.
    private static let unwritten: Float = 0.0036
    /// Steps of it that are a word's all the same.
    private static let edge = 10

    /// - Parameters:
    ///   - alignment: of `start`, notimestamps, the text and end of text.
    ///   - start: how many tokens come before notimestamps.
    ///   - words: how many tokens each word has, end of text, the last, included.
    ///   - isSilent: whether nobody speaks, of each encoder step that holds audio.
    ///   - isKnown: whether somebody knows that; else the text fills all of the time.
    init(_ alignment: Alignment, start: Int, words: [Int], isSilent: [Bool], isKnown: Bool = true) {
        let columns = isSilent.count
        let tokens = words.reduce(0, +)
        // Text begins behind notimestamps; the first token of all has no probability.
        probabilities = Array(alignment.probabilities[start..<start + tokens - 1])

        // The row of a token tells where the decoder looks to write the next one: notimestamps for the first.
        let attention = Self.attention(alignment, rows: start..<start + tokens, columns: columns)
        let pause = isSilent.map { logf($0 ? Self.silence : Self.noSilence) }
        let outside = isKnown ? isSilent.map { logf($0 ? Self.silence : Self.unwritten) } : pause
        var values: [Float] = []
        values.reserveCapacity((tokens + words.count) * columns)
        var isOptional: [Bool] = []
        var firsts: [Int] = []
        var token = 0
        for (index, count) in words.enumerated() {
            values += index == 0 || index == words.count - 1 ? outside : pause
            isOptional.append(true)
            firsts.append(isOptional.count)
            values += attention[token * columns..<(token + count) * columns]
            isOptional += [Bool](repeating: false, count: count)
            token += count
        }
        let path = TimeWarp(values, rows: isOptional.count, columns: columns, isOptional: isOptional).entries
        // A word ends where the silence after it begins, or else the next word.
        var ranges = zip(firsts, firsts.dropFirst()).map { first, next in
            let start = path[first...].lazy.compactMap { $0 }.first ?? columns
            let end = path[(next - 1)...].lazy.compactMap { $0 }.first ?? columns
            return start..<max(start, end)
        }
        if isKnown { Self.takeEdges(of: isSilent, into: &ranges) }
        self.words = ranges
    }

    /// Speech before the first word, or behind the last, is the word's own sound where it is but a few steps next to silence.
    private static func takeEdges(of isSilent: [Bool], into words: inout [Range<Int>]) {
        guard let first = words.first, let last = words.last else { return }
        let before = isSilent[..<first.lowerBound].reversed().prefix { !$0 }.count
        if before <= edge { words[0] = first.lowerBound - before..<first.upperBound }
        let end = isSilent[last.upperBound...].firstIndex(of: true) ?? .max
        if end - last.upperBound <= edge { words[words.count - 1] = words[words.count - 1].lowerBound..<end }
    }

    /// Logarithms of the mean share of attention, shape [rows × columns].
    private static func attention(_ alignment: Alignment, rows: Range<Int>, columns: Int) -> [Float] {
        var mean = [Float](repeating: 0, count: rows.count * columns)
        if alignment.heads > 0 {
            let tokens = alignment.probabilities.count + 1
            let context = alignment.scores.count / (alignment.heads * tokens)
            for head in 0..<alignment.heads {
                for row in rows {
                    let first = (head * tokens + row) * context
                    let at = (row - rows.lowerBound) * columns
                    addSoftmax(of: alignment.scores[first..<first + columns], to: &mean, at: at)
                }
            }
        }
        let heads = Float(max(alignment.heads, 1))
        return mean.map { logf($0 / heads + floor) }
    }

    private static func addSoftmax(of scores: ArraySlice<Float>, to sums: inout [Float], at first: Int) {
        let largest = scores.max() ?? 0
        let weights = scores.map { expf($0 - largest) }
        let scale = 1 / weights.reduce(0, +)
        for (offset, weight) in weights.enumerated() { sums[first + offset] += weight * scale }
    }
}
