/// Stretches of a recording, in seconds: in order, apart from each other and within it.
public struct SpeechRanges: Sendable, Hashable {
    public let ranges: [Range<Double>]

    /// How probabilities become stretches.
    struct Rules {
        /// Speech starts at this probability, and ends where it falls 0.15 lower for long enough.
        var threshold: Float = 0.5
        /// What is shorter, in seconds, is dropped.
        var minimumSpeech = 0.25
        /// Pauses that are shorter do not end a stretch.
        var minimumSilence = 0.1
        /// Added on both sides; neighbours share what lies between them.
        var padding = 0.03
    }

    static let secondsPerFrame = Double(FrameLevels.frame) / 16000

    /// - Parameters:
    ///   - probabilities: of speech, one for every 32 ms.
    ///   - duration: seconds of the recording.
    init(_ probabilities: [Float], duration: Double, rules: Rules = Rules()) {
        let ending = max(rules.threshold - 0.15, 0.01)
        var stretches: [Range<Double>] = []
        var start: Int?
        var pause: Int?

        func close(at end: Int) {
            guard let first = start else { return }
            let stretch = Double(first) * Self.secondsPerFrame..<Double(end) * Self.secondsPerFrame
            if stretch.upperBound - stretch.lowerBound >= rules.minimumSpeech { stretches.append(stretch) }
            start = nil
            pause = nil
        }

        for (frame, probability) in probabilities.enumerated() {
            if probability >= rules.threshold {
                if start == nil { start = frame }
                pause = nil
            } else if start != nil, probability < ending {
                let first = pause ?? frame
                pause = first
                if Double(frame + 1 - first) * Self.secondsPerFrame >= rules.minimumSilence { close(at: first) }
            }
        }
        close(at: pause ?? probabilities.count)
        ranges = Self.pad(stretches, by: rules.padding, within: duration)
    }

    private static func pad(
        _ stretches: [Range<Double>],
        by padding: Double,
        within duration: Double
    ) -> [Range<Double>] {
        stretches.indices.compactMap { index in
            let stretch = stretches[index]
            let before = index == 0 ? stretch.lowerBound : (stretch.lowerBound - stretches[index - 1].upperBound) / 2
            let after =
                index + 1 == stretches.count
                ? padding : (stretches[index + 1].lowerBound - stretch.upperBound) / 2
            let start = stretch.lowerBound - min(padding, before)
            let end = min(stretch.upperBound + min(padding, after), duration)
            return start < end ? start..<end : nil
        }
    }

    /// The parts of at least `shortest` seconds between `start` and `end` that none of `spans` reaches.
    func uncovered(
        by spans: [Range<Double>],
        from start: Double,
        to end: Double,
        shortest: Double
    ) -> [Range<Double>] {
        var found: [Range<Double>] = []
        let spans = spans.sorted { $0.lowerBound < $1.lowerBound }
        for range in ranges where range.upperBound > start && range.lowerBound < end {
            var at = max(range.lowerBound, start)
            let last = min(range.upperBound, end)
            for span in spans where span.upperBound > at && span.lowerBound < last {
                if span.lowerBound - at >= shortest { found.append(at..<span.lowerBound) }
                at = max(at, span.upperBound)
            }
            if last - at >= shortest { found.append(at..<last) }
        }
        return found
    }

    /// Seconds that lie in one of `spans` at least.
    func covered(by spans: [Range<Double>]) -> Double {
        let left = uncovered(by: spans, from: -.infinity, to: .infinity, shortest: 0)
        return total - left.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) }
    }

    public var isEmpty: Bool { ranges.isEmpty }

    /// Seconds of all stretches together.
    public var total: Double { ranges.reduce(0) { $0 + ($1.upperBound - $1.lowerBound) } }

    /// Whether any stretch reaches into `start ..< end` (seconds).
    public func overlaps(_ start: Double, _ end: Double) -> Bool {
        // First stretch that ends after the start.
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle].upperBound > start { high = middle } else { low = middle + 1 }
        }
        return low < ranges.count && ranges[low].lowerBound < end
    }
}
