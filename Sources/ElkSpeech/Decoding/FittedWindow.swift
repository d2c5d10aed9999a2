/// How much of the network's 30 s a shorter recording takes.
public enum WindowLength: String, Sendable, CaseIterable {
    /// All of it, filled up with silence, as the network was trained.
    case full
    /// The recording and some silence; and all of it when what is heard that way is in doubt.
    case fit
    /// As `fit` while many recordings are at work at once, else as `full`.
    case auto
}

/// A window cut to what the recording fills of it and some silence: the encoder's work grows with its length.
///
/// The network never saw such windows. With less silence than this it repeats itself, or goes on where nobody speaks; with as
/// much, it still does now and then, so its text is kept only when nothing speaks against it.
struct FittedWindow: Hashable {
    let window: AudioWindow
    /// Frames that are encoded, silence included.
    let frames: Int

    /// Frames of silence behind the recording, and the least of both together.
    private static let silence = 500
    private static let shortest = 1000
    /// Lengths are multiples of this.
    private static let step = 100
    /// Above this a second try in full costs more than all first tries save.
    private static let longest = 2500

    /// Nil where nothing is to be gained.
    init?(_ window: AudioWindow) {
        let needed = max(window.count + Self.silence, Self.shortest)
        let frames = (needed + Self.step - 1) / Self.step * Self.step
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
        guard result.averageLogProbability >= Self.leastLikelihood else { return true }
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

    /// Average log-probability below which a text is not trusted; the fallback ladder asks for less.
    private static let leastLikelihood: Float = -0.7
    /// Frames by which times may be off.
    private static let slack = 100
}

extension [Int] {
    /// Whether the same few tokens come three times in a row, or one or two of them five times.
    fileprivate var repeatsItself: Bool {
        for period in 1..<Swift.max(2, count / 3 + 1) {
            let enough = period * (period <= 2 ? 4 : 2)
            var run = 0
            for index in indices.dropFirst(period) {
                run = self[index] == self[index - period] ? run + 1 : 0
                if run >= enough { return true }
            }
        }
        return false
    }
}
