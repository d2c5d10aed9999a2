/// What samples can be written as.
package enum SpeechFormat: String, Sendable, CaseIterable {
    case mp3
    /// In Ogg.
    case opus
    /// In ADTS frames.
    case aac
    case flac
    case wav
    /// 16 bits, little-endian, without a header.
    case pcm

    /// Samples a second of all of them.
    package static let sampleRate = 24_000

    package var contentType: String {
        switch self {
        case .mp3: "audio/mpeg"
        case .opus: "audio/opus"
        case .aac: "audio/aac"
        case .flac: "audio/flac"
        case .wav: "audio/wav"
        case .pcm: "audio/pcm"
        }
    }
}
