/// Why a recording was not transcribed.
public enum SpeechError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The model knows no language with this code.
    case unknownLanguage(String)
    /// English-only models cannot translate.
    case translationNeedsMultilingualModel
    /// The caller asked to stop.
    case cancelled

    public var description: String {
        switch self {
        case .unknownLanguage(let code): "The model does not know the language '\(code)'."
        case .translationNeedsMultilingualModel: "Translation needs a multilingual model; this one is English only."
        case .cancelled: "The transcription was cancelled."
        }
    }
}
