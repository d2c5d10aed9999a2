/// Keeps out what the network makes up where nobody speaks.
///
/// Text is dropped only when the decoder doubts it too: either witness alone is wrong now and then. Detectors miss singing,
/// and the network dates what it heard by several seconds too early after a pause.
struct VoiceActivityGate {
    /// nil lets everything pass.
    let activity: VoiceActivity?

    /// Seconds by which times may be off.
    private static let margin = 0.5

    /// Silence from this many seconds on at the front of a window is passed over.
    private static let longSilence = 1.0

    /// The frame at which there is something to decode in `window`, its end where there is nothing at all.
    ///
    /// Text may only begin in the first second of a window: behind a longer silence the network could not date it rightly, and counts on
    /// from there.
    func beginning(of window: AudioWindow) -> Int {
        guard !isSilent(window) else { return window.end }
        let possible = activity?.possibleSpeech.ranges.first { $0.upperBound + Self.margin > window.offset }
        guard let possible, activity?.isTrusted == true else { return window.start }
        let silence = possible.lowerBound - Self.margin - window.offset
        guard silence >= Self.longSilence else { return window.start }
        return min(window.start + Int(silence * Double(Timestamp.framesPerSecond)), window.end)
    }

    /// `start ..< end` without the silence at its ends, where it has speech and that is not just off a little.
    func spoken(from start: Double, to end: Double) -> (start: Double, end: Double) {
        guard let activity, activity.isTrusted else { return (start, end) }
        let ranges = activity.speech.ranges.filter { $0.upperBound > start && $0.lowerBound < end }
        guard let first = ranges.first?.lowerBound, let last = ranges.last?.upperBound else { return (start, end) }
        return (first - start > Self.margin ? first : start, end - last > Self.margin ? last : end)
    }

    /// Whether there is nothing at all to decode in `window`.
    func isSilent(_ window: AudioWindow) -> Bool {
        guard let activity else { return false }
        return !overlaps(activity.possibleSpeech, window)
    }

    /// Whether somebody speaks in `window` for certain.
    func hasSpeech(_ window: AudioWindow) -> Bool {
        guard let activity else { return true }
        return overlaps(activity.speech, window)
    }

    /// Whether `piece` of `window` is made up: two witnesses say so that know nothing of each other.
    ///
    /// They are the detector (nobody speaks there), the decoder (it doubts what it wrote), and the text itself: more of it than
    /// anybody says in that time, or the same over and over. More text than anybody says in all of the window needs no second witness:
    /// times may be wrong, what is left of a recording is not.
    func isInvented(
        _ piece: WindowCut.TimedTokens,
        of window: AudioWindow,
        _ result: DecodingResult,
        text: String
    ) -> Bool {
        if isTooMuch(text, seconds: Timestamp.seconds(ofFrame: window.end) - window.offset) { return true }
        let isOdd = isOdd(text, seconds: piece.end - piece.start)
        guard let activity, !overlaps(activity.speech, piece.start, piece.end) else {
            return isOdd && result.averageLogProbability < -1
        }
        if isOdd || result.averageLogProbability < -1 { return true }
        // With speech elsewhere in the window these may be the words of that, wrongly dated, and its silence is no witness.
        guard !hasSpeech(window) else { return false }
        return result.averageLogProbability < -0.8 || result.noSpeechProbability > 0.5
    }

    /// Nobody says 40 characters a second.
    private func isTooMuch(_ text: String, seconds: Double) -> Bool {
        let length = text.unicodeScalars.count
        return length >= 20 && Double(length) > 40 * max(seconds, 0.02)
    }

    /// Nor so much that is alike.
    private func isOdd(_ text: String, seconds: Double) -> Bool {
        isTooMuch(text, seconds: seconds) || text.unicodeScalars.count >= 60 && compressionRatio(of: text.trimmed) > 2.4
    }

    private func overlaps(_ ranges: SpeechRanges, _ window: AudioWindow) -> Bool {
        overlaps(ranges, window.offset, Timestamp.seconds(ofFrame: window.end))
    }

    private func overlaps(_ ranges: SpeechRanges, _ start: Double, _ end: Double) -> Bool {
        ranges.overlaps(start - Self.margin, end + Self.margin)
    }
}
