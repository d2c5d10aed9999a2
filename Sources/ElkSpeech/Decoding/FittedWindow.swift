/// How the network's 30 s are filled by a shorter recording.
public enum WindowLength: String, Sendable, CaseIterable {
    /// With silence that is computed like everything else, as the network was trained.
    case full
    /// With silence that is computed coarsely; and as `full` when what is heard that way is in doubt.
    case fit
}

/// A window that is not full: the silence behind its audio is computed coarsely (`WindowLayout`), as the encoder's work grows with
/// what it computes.
///
/// The network never saw such windows, so their text is kept only when nothing speaks against it.
struct FittedWindow: Hashable {
    let window: AudioWindow
    /// Frames that are computed one by one: the audio and some silence.
    let frames: Int

    /// Frames of silence that are not coarse.
    private static let silence = 200
    /// Above this, two thirds of a full window, a second try in full costs more than all first tries save.
    private static let longest = 2000

    /// Nil where nothing is to be gained.
    init?(_ window: AudioWindow) {
        let frames = window.count + window.count % Timestamp.framesPerStep + Self.silence
        guard frames <= Self.longest else { return nil }
        self.window = window
        self.frames = frames
    }

    /// More tokens than anybody speaks in this time: the network repeats itself.
    var tokenLimit: Int { 32 + window.count / 10 }

    /// Whether what was heard in this window had better be heard in full.
    ///
    /// - Parameters:
    ///   - fallback: knows what is repetitive, unlikely or silent.
    ///   - special: tells timestamps from text.
    ///   - speech: where somebody speaks, in seconds of the recording; nil when nobody looked.
    func doubts(_ result: DecodingResult, fallback: Fallback, special: SpecialTokens, speech: SpeechRanges?) -> Bool {
        guard result.hasEnded, fallback.isGood(result), !fallback.isSilence(result) else { return true }
        let text = result.tokens.filter { $0 < special.endOfText }
        if text.repeatsItself { return true }
        let times = result.tokens.filter { $0 >= special.firstTimestamp }
            .map { Timestamp.framesPerStep * ($0 - special.firstTimestamp) }
        guard let last = times.last else { return false }
        // Text that begins in the silence, or speech behind the last text.
        if last > window.count + Self.slack { return true }
        let end = Timestamp.seconds(ofFrame: window.start + last + Self.slack)
        return speech?.overlaps(end, Timestamp.seconds(ofFrame: window.end)) ?? false
    }

    /// Frames by which times may be off.
    private static let slack = 100
}
