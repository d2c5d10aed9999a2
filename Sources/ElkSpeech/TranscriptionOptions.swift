/// How a recording is to be transcribed.
///
/// The defaults are those of the reference implementation.
public struct TranscriptionOptions: Sendable, Hashable {
    public var task: Transcript.Task = .transcribe
    /// Code such as `en`; nil detects it.
    ///
    /// English-only models ignore it.
    public var language: String?
    /// Codes of the only languages to expect when one is to be detected; empty expects all.
    ///
    /// Codes that the model does not know are passed over.
    public var languages: [String] = []
    /// Detects the language of every window by itself, for recordings in several; needs `language` nil.
    public var detectsEveryWindow = false
    /// Text that comes before the recording: names, spelling, style.
    ///
    /// The last 223 tokens count.
    public var prompt: String?
    /// Names and terms to expect anywhere in the recording: they stand in front of every window and are preferred where they
    /// are nearly as likely as what was heard.
    public var keywords: [String] = []
    /// nil or 0: start at 0 and climb the fallback ladder when a quality gate fails.
    ///
    /// Above 0: this temperature alone.
    public var temperature: Float?
    /// Rows of the beam at temperature 0; 1 is greedy.
    public var beamSize = 5
    /// Independent samples at temperatures above 0.
    public var bestOf = 5
    /// Finished candidates to wait for, as a multiple of the beam size.
    public var patience: Float = 1
    /// α of the length penalty ((5 + length) / 6)^α; nil divides by the length.
    public var lengthPenalty: Float?
    /// Feeds the text of earlier windows to the next one.
    public var conditionOnPreviousText = true
    /// Puts the prompt in front of every window, not only of the first.
    public var carryInitialPrompt = false
    public var wordTimestamps = false
    /// Gives every segment the log-probabilities of its tokens.
    public var logProbabilities = false
    /// How the network's 30 s are filled behind less audio.
    public var window = WindowLength.fit
    /// Without timestamps a window is one segment, and what its end cuts in two is lost: for recordings of one window.
    public var timestamps = true
    /// A try whose text compresses better than this fails (repetition).
    public var compressionRatioThreshold: Float = 2.4
    /// A try whose average log-probability is below this fails.
    public var logProbabilityThreshold: Float = -1.0
    /// A window is silent when its no-speech probability is above this and its log-probability is low.
    public var noSpeechThreshold: Float = 0.6
    /// Passes over windows in which nobody speaks, and drops doubtful text there; needs a session with a detector.
    public var skipsSilence = true
    /// The first timestamp of a window is at most this many seconds in.
    public var maxInitialTimestamp: Double = 1.0

    public init() {}
}
