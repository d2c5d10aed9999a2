/// Keeps out what the network makes up where nobody speaks.
///
/// Text is dropped only when the decoder doubts it too: either witness alone is wrong now and then. Detectors miss singing,
/// and the network dates what it heard by several seconds too early after a pause.
struct VoiceActivityGate {
    /// nil lets everything pass.
    let activity: VoiceActivity?

    /// Seconds by which times may be off.
    private static let margin = 0.5

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

    /// Whether a segment of `window` with these times (seconds of the recording) is made up.
    func isInvented(from start: Double, to end: Double, of window: AudioWindow, _ result: DecodingResult) -> Bool {
        guard let activity, !overlaps(activity.speech, start, end) else { return false }
        if result.averageLogProbability < -1 { return true }
        // With speech elsewhere in the window these may be the words of that, wrongly dated, and its silence is no witness.
        guard !hasSpeech(window) else { return false }
        return result.averageLogProbability < -0.8 || result.noSpeechProbability > 0.5
    }

    private func overlaps(_ ranges: SpeechRanges, _ window: AudioWindow) -> Bool {
        overlaps(ranges, window.offset, Timestamp.seconds(ofFrame: window.end))
    }

    private func overlaps(_ ranges: SpeechRanges, _ start: Double, _ end: Double) -> Bool {
        ranges.overlaps(start - Self.margin, end + Self.margin)
    }
}
