/// Speech that was detected and that no segment holds is decoded again, by itself: nothing said is lost without a second look.
extension TranscriptionPipeline {
    /// Stretches below this are as likely a breath.
    private static let shortest = 0.6
    /// Seconds by which the times of segments may be off.
    private static let slack = 0.2
    /// What lies closer together than this is decoded together.
    private static let gap = 1.0
    /// Seconds of sound around a stretch that are decoded with it.
    private static let margin = 0.2
    /// The longest that is decoded by itself at once.
    static let longestAlone = 28.0
    /// Seconds of speech behind the text of a window that are as good as a window of their own.
    private static let much = 4.0
    /// Seconds of a stretch of speech that the end of the text before it may have taken by mistake.
    private static let early = 0.3
    /// Seconds of a stretch in which a language of its own can be told.
    private static let longEnoughForLanguage = 2.0
    /// Text less likely than this is rather made up than missed.
    private static let leastLikelihood: Float = -0.8

    /// Where somebody speaks in the part of `window` that is done, and nothing was written.
    ///
    /// - Parameter next: the frame that decoding goes on at.
    /// - Returns: the stretches; and, where speech goes on past the end of the window, the frame to begin the next one at instead.
    func missedSpeech(
        in window: AudioWindow,
        upTo next: Int,
        found: [Segment],
        before: Segment?
    ) -> (stretches: [Range<Double>], tail: Int?) {
        guard let activity = gate.activity, activity.isTrusted else { return ([], nil) }
        let end = Timestamp.seconds(ofFrame: next)
        let spans = (found + [before].compactMap { $0 }).map { segment in
            segment.start - Self.slack..<max(segment.end, segment.start) + Self.slack
        }
        var stretches = activity.speech.uncovered(by: spans, from: window.offset, to: end, shortest: Self.shortest)
        // What the end of the window cuts in two is better heard with what follows, and so is all behind the text where that is much.
        var tail: Int?
        if next == window.end, let last = stretches.last {
            let heard = found.map(\.end).max() ?? window.offset
            let behind = stretches.filter { $0.lowerBound >= heard }
            let isMuch = behind.reduce(0) { $0 + $1.upperBound - $1.lowerBound } >= Self.much
            let first = isMuch ? behind.first : last.upperBound >= end - Self.slack ? last : nil
            if let first {
                let frame = Int((first.lowerBound - Self.margin) * Double(Timestamp.framesPerSecond))
                if frame >= window.start + Timestamp.framesPerSecond {
                    tail = frame
                    stretches.removeAll { $0.lowerBound >= first.lowerBound }
                }
            }
        }
        return (joined(stretches), tail)
    }

    /// Where speech began that decoding, going on at frame `next` of `window`, would find without its first sounds: timestamps are late
    /// now and then, and half a word is a lost one.
    func beginningOfSpeech(at next: Int, in window: AudioWindow) -> Int? {
        guard next < window.end, let activity = gate.activity, activity.isTrusted else { return nil }
        let time = Timestamp.seconds(ofFrame: next)
        guard let stretch = activity.speech.ranges.first(where: { $0.upperBound > time }),
            stretch.lowerBound < time, time - stretch.lowerBound < Self.early, stretch.upperBound - time >= Self.early
        else { return nil }
        let frame = Int(stretch.lowerBound * Double(Timestamp.framesPerSecond))
        return frame >= window.start + Timestamp.framesPerSecond ? frame : nil
    }

    private func joined(_ stretches: [Range<Double>]) -> [Range<Double>] {
        stretches.reduce(into: []) { joined, stretch in
            if let last = joined.last, stretch.lowerBound - last.upperBound < Self.gap,
                stretch.upperBound - last.lowerBound <= Self.longestAlone
            {
                joined[joined.count - 1] = last.lowerBound..<stretch.upperBound
            } else {
                joined.append(stretch)
            }
        }
    }

    /// What is said in `stretch`, decoded without context, in its own language where that is clear and nobody named one; nothing where the
    /// network is in doubt or where that is written already.
    mutating func decodeAlone(
        _ stretch: Range<Double>,
        start: [Int],
        _ wordTiming: WordTiming?,
        beside found: [Segment],
        after last: Segment?
    ) throws(SpeechError) -> [Segment] {
        let first = max(0, Int((stretch.lowerBound - Self.margin) * Double(Timestamp.framesPerSecond)))
        let end = min(features.frames, Int((stretch.upperBound + Self.margin) * Double(Timestamp.framesPerSecond)))
        guard end > first else { return [] }
        let window = AudioWindow(start: first, count: min(end - first, Timestamp.framesPerWindow))
        var (start, wordTiming, language) = (start, wordTiming, String?.none)
        if Timestamp.seconds(ofFrame: window.count) >= Self.longEnoughForLanguage,
            let heard = try clearLanguage(of: window)
        {
            start = Prompt.start(tokenizer.special, language: heard.token, task: options.task)
            wordTiming?.start = start
            wordTiming?.language = written(heard.code)
            language = heard.code
        }
        guard let result = try likelyText(of: window, start: start) else { return [] }
        var cut = WindowCut(
            result.tokens,
            logProbabilities: result.logProbabilities,
            of: window,
            firstTimestamp: tokenizer.special.firstTimestamp
        )
        wordTiming?.time(&cut, of: window)
        var segments = cut.segments.compactMap { segment($0, of: window, from: result) }
        segments.removeAll { isWritten($0, in: found + [last].compactMap { $0 }) }
        if options.detectsEveryWindow {
            for index in segments.indices { segments[index].language = language }
        }
        return segments
    }

    /// The text of `window` without context, beside coarse silence or in full; nil where the network is in doubt.
    private mutating func likelyText(of window: AudioWindow, start: [Int]) throws(SpeechError) -> DecodingResult? {
        let task = decodingTask(window, start: start, context: [])
        let fallback = Fallback(options: options)
        let noSpeech = options.noSpeechThreshold
        func isLikely(_ result: DecodingResult) -> Bool {
            fallback.isGood(result) && !fallback.isSilence(result)
                && result.averageLogProbability >= Self.leastLikelihood && result.noSpeechProbability <= noSpeech
        }
        if fallback.ladder.first == 0, let quick = try quickResult(of: window, task, fallback), isLikely(quick) {
            return quick
        }
        try encode(window)
        for temperature in fallback.ladder.prefix(2) {
            let result = try task.run(temperature: temperature)
            if isLikely(result) { return result }
        }
        return nil
    }

    /// Whether the words of `segment` are the end of the text before it or the beginning of the one after it.
    ///
    /// The network dates words wrongly more often than it leaves them out.
    private func isWritten(_ segment: Segment, in others: [Segment]) -> Bool {
        let words = segment.text.plainWords
        guard !words.isEmpty else { return true }
        let before = others.filter { $0.start <= segment.start }.max { $0.end < $1.end }?.text.plainWords ?? []
        let after = others.filter { $0.start > segment.start }.min { $0.start < $1.start }?.text.plainWords ?? []
        let near = [Array(before.suffix(words.count + 3)), Array(after.prefix(words.count + 3))]
        return near.contains { Double(words.common(with: $0)) >= 0.6 * Double(words.count) }
    }

    /// Share of the speech that lies in a segment; nil when nobody looked for it.
    func coverage(of segments: [Segment]) -> Double? {
        guard let activity = gate.activity, activity.isTrusted else { return nil }
        let spans = segments.map { $0.start - Self.slack..<max($0.start, $0.end) + Self.slack }
        let total = activity.speech.total
        return total > 0 ? min(1, activity.speech.covered(by: spans) / total) : 1
    }
}

extension String {
    /// The words in lower case without punctuation; characters where no spaces part the words.
    var plainWords: [String] {
        let words = lowercased().split { !$0.isLetter && !$0.isNumber }
        guard words.contains(where: { $0.unicodeScalars.contains { $0.value >= 0x2E80 } }) else {
            return words.map(String.init)
        }
        return words.flatMap { $0.map(String.init) }
    }
}

extension [String] {
    /// Length of the longest common subsequence.
    fileprivate func common(with other: [String]) -> Int {
        var lengths = [Int](repeating: 0, count: other.count + 1)
        for word in self {
            var diagonal = 0
            for (index, candidate) in other.enumerated() {
                let above = lengths[index + 1]
                lengths[index + 1] = word == candidate ? diagonal + 1 : Swift.max(above, lengths[index])
                diagonal = above
            }
        }
        return lengths[other.count]
    }
}

extension [Segment] {
    /// By their starts; none goes on past the start of the next one, or begins before `last` has ended, where that leaves something of it.
    func inOrder(after last: Segment?) -> [Segment] {
        var ordered = sorted { $0.start < $1.start }
        for index in ordered.indices.dropFirst() { ordered[..<index].end(before: ordered[index].start) }
        if let last { ordered.begin(after: last.end) }
        return ordered
    }

    private mutating func begin(after time: Double) {
        for index in indices where self[index].end > time {
            self[index].start = Swift.max(self[index].start, time)
            self[index].words = self[index].words?.map { word in
                var word = word
                if word.end > time { word.start = Swift.max(word.start, time) }
                return word
            }
        }
    }
}

extension MutableCollection where Element == Segment {
    /// Lets no segment, nor any word of one, go on past `time`, where that leaves something of it.
    mutating func end(before time: Double) {
        for index in indices where self[index].start < time {
            self[index].end = Swift.min(self[index].end, time)
            self[index].words = self[index].words?.map { word in
                var word = word
                if word.start < time { word.end = Swift.min(word.end, time) }
                return word
            }
        }
    }
}
