/// Why a file gave no samples.
///
/// The description is one sentence that may be shown to whoever sent the file: it names no path and nothing of this
/// machine, save the missing library when that is the reason.
public struct AudioError: Error, Sendable, Hashable, CustomStringConvertible {
    public enum Code: Sendable, Hashable {
        /// The file cannot be opened or read.
        case unreadable
        /// Not an audio file, or a container, codec, sample rate or channel count outside what is read here.
        case unsupported
        /// The format is known, but nothing could be decoded.
        case damaged
        /// Readable, but without an audio track or without a single sample.
        case noAudio
        /// More audio than `AudioLimits.maxDuration`.
        case tooLong
        /// Decoding took longer than `AudioLimits.maxDecodingTime`.
        case timedOut
        /// The caller's `isCancelled` said so.
        case cancelled
        /// FFmpeg's libraries are not installed, so that no file can be read; the description says what to install.
        case unavailable
    }

    public let code: Code
    public let description: String

    public init(_ code: Code, _ description: String) {
        self.code = code
        self.description = description
    }
}
