/// Segments with too little text for the speech in them are decoded again, by themselves: their times say that nothing is missing
/// where sentences are.
extension TranscriptionPipeline {
    /// Segments that a usual rate is learnt from.
    private static let remembered = 32
    /// Words that a second hearing must have more, and times as many.
    private static let more = (words: 3, times: 1.25)

    /// `found` with what a second hearing of its sparse segments gives in their place, where that is more.
    mutating func densified(
        _ found: [Segment],
        start: [Int],
        _ wordTiming: WordTiming?,
        after earlier: [Segment]
    ) throws(SpeechError) -> [Segment] {
        guard let activity = gate.activity, activity.isTrusted else { return found }
        let speech = { (segment: Segment) in
            activity.speech.covered(by: [segment.start..<max(segment.start, segment.end)])
        }
        var rate = SpeechRate()
        for segment in earlier.suffix(Self.remembered) + found { rate.note(segment.text, speech: speech(segment)) }
        let runs = sparseRuns(of: found.map { rate.isSparse($0.text, speech: speech($0)) }, in: found)
        var dense = found
        for run in runs.reversed() {
            // Times of words may put neighbours in another order.
            let (starts, ends) = (found[run].map(\.start), found[run].map(\.end))
            guard let first = starts.min(), let last = ends.max(), first < last else { continue }
            let others = Array(found[..<run.lowerBound] + found[run.upperBound...])
            let again = try decodeAlone(first..<last, start: start, wordTiming, beside: others, after: earlier.last)
            let (before, now) = (words(in: found[run]), words(in: again[...]))
            guard now >= before + Self.more.words, Double(now) >= Self.more.times * Double(before) else { continue }
            dense.replaceSubrange(run, with: again)
        }
        return dense
    }

    /// Neighbours that are sparse, as far as they go into one window together.
    private func sparseRuns(of isSparse: [Bool], in found: [Segment]) -> [Range<Int>] {
        var runs: [Range<Int>] = []
        for index in found.indices where isSparse[index] {
            if let last = runs.last, last.upperBound == index,
                found[index].end - found[last.lowerBound].start <= Self.longestAlone
            {
                runs[runs.count - 1] = last.lowerBound..<index + 1
            } else {
                runs.append(index..<index + 1)
            }
        }
        return runs
    }

    private func words(in segments: ArraySlice<Segment>) -> Int {
        segments.reduce(0) { $0 + $1.text.plainWords.count }
    }
}
