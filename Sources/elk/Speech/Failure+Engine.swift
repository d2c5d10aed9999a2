import ElkAudio
import ElkSpeech
import ElkWire

/// What the engine's errors look like on the wire (SP 1.9).
extension Failure {
    /// Why a job never had its turn.
    init(_ refusal: Turnstile.Refusal) {
        switch refusal {
        case .full(let seconds):
            self = .busy("The speech engine is busy. Please try again later.", retryAfter: seconds)
        case .cancelled: self = .stopped
        }
    }

    static let tooShort = invalidRequest(
        "Audio file is too short. Minimum audio length is 0.1 seconds.",
        parameter: "file",
        code: "audio_too_short"
    )

    /// Nobody reads it: the client has gone.
    static let stopped = Failure(status: 499, type: "invalid_request_error", message: "The request was cancelled.")

    init(_ error: AudioError, limits: AudioLimits) {
        switch error.code {
        case .cancelled:
            self = .stopped
        case .tooLong:
            self = .invalidRequest(
                "audio duration is longer than \(Int(limits.maxDuration)) seconds which is the maximum for this model",
                parameter: "file",
                code: "invalid_value"
            )
        case .unreadable, .unsupported, .damaged, .noAudio, .timedOut:
            self = .invalidRequest("The audio file could not be decoded or its format is not supported.")
        case .unavailable:
            self = .server(error.description, status: 503)
        }
    }

    init(_ error: SpeechError, model: String) {
        switch error {
        case .cancelled:
            self = .stopped
        case .unknownLanguage(let code):
            self = .invalidRequest(
                "Invalid language '\(code)'. Language parameter must be specified in ISO-639-1 format.",
                parameter: "language",
                code: "invalid_language_format"
            )
        case .translationNeedsMultilingualModel:
            self = .invalidRequest(
                "The model '\(model)' knows English only and cannot translate. Use a multilingual model instead.",
                parameter: "model",
                code: "unsupported_value"
            )
        }
    }
}
