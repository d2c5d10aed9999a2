package import ElkSpeech

/// Why a voice cannot speak, in words for operators.
package enum VoiceError: Error, Sendable, Hashable, CustomStringConvertible {
    /// Files of a voice that are missing or not what they should be.
    case unreadable(ModelError)
    /// eSpeak NG is needed and cannot be loaded, for this reason.
    case eSpeakMissing(String)
    /// eSpeak NG has no voice for this language, but for the others.
    case unknownLanguage(String, known: [String])
    /// eSpeak NG refused to say a text.
    case eSpeakFailed

    package var description: String {
        switch self {
        case .unreadable(let error): error.description
        case .eSpeakMissing(let reason):
            "eSpeak NG cannot be loaded (\(reason)); on Debian and Ubuntu, install the packages libespeak-ng1 and "
                + "espeak-ng-data."
        case .unknownLanguage(let name, let known):
            "eSpeak NG has no voice for the language '\(name)'; it speaks \(known.joined(separator: ", "))."
        case .eSpeakFailed: "eSpeak NG cannot say this text."
        }
    }
}
