/// What may not be sampled next, by the rules of the reference implementation (openai/whisper, `decoding.py`).
///
/// Of the special tokens between end of text and the timestamps none may ever be sampled, the languages included, so a
/// row is only ever looked at in two ranges: text with end of text, and timestamps.
struct LogitFilters {
    private let special: SpecialTokens
    private let suppressed: [Int]
    /// Timestamps are sampled; otherwise the text alone is.
    private let timestamps: Bool
    private let lastInitialTimestamp: Int

    /// A lone space, which may not begin a window.
    private static let space = 220

    /// - Parameter maxInitialTimestamp: the first timestamp is at most this many seconds.
    init(special: SpecialTokens, nonSpeech: [Int], timestamps: Bool, maxInitialTimestamp: Double) {
        self.special = special
        suppressed = nonSpeech
        self.timestamps = timestamps
        let steps = (maxInitialTimestamp >= 0 ? min(maxInitialTimestamp, 30) : 0) / Timestamp.step
        lastInitialTimestamp = special.firstTimestamp + Int(steps.rounded())
    }

    var endOfText: Int { special.endOfText }

    /// What may follow `sampled`, the tokens that came after the prompt.
    ///
    /// Overwrites forbidden logits of the row.
    func distribution(of row: LogitRow, after sampled: [Int]) -> TokenDistribution {
        row.forbid(suppressed)
        if sampled.isEmpty { row.forbid([Self.space, endOfText]) }

        let text = 0..<endOfText + 1
        guard timestamps else {
            return TokenDistribution(row: row, text: text, timestamps: 0..<0, timestampsCompete: false)
        }
        let allowed = allowedRanges(after: sampled)
        return TokenDistribution(
            row: row,
            text: allowed.text,
            timestamps: allowed.timestamps,
            timestampsCompete: true
        )
    }

    /// Timestamps come in pairs that end one segment and begin the next, never go back, and open every window.
    private func allowedRanges(after sampled: [Int]) -> (text: Range<Int>, timestamps: Range<Int>) {
        let first = special.firstTimestamp
        let end = special.vocabularySize
        let text = 0..<endOfText + 1
        guard let last = sampled.last else {
            return (0..<0, first..<min(lastInitialTimestamp + 1, end))
        }
        guard let latest = sampled.last(where: { $0 >= first }) else {
            return (text, first..<end)
        }
        guard last >= first else {
            // Longer than nothing: the time a segment ends at lies after the one it began at.
            return (text, min(latest + 1, end)..<end)
        }
        let pairIsComplete = sampled.count < 2 || sampled[sampled.count - 2] >= first
        if pairIsComplete { return (text, 0..<0) }
        return (endOfText..<endOfText + 1, latest..<end)
    }
}
