/// The forms of a finished transcript that the OpenAI API knows.
public enum TranscriptFormat: String, Sendable, Hashable, CaseIterable {
    /// `{"text": …}` with the usage.
    case json
    /// The text and a line feed.
    case text
    case srt
    /// JSON with language, duration and, as asked for, segments and words.
    case verboseJSON = "verbose_json"
    case vtt

    /// The whole body of an answer.
    ///
    /// `segments` and `words` choose what verbose JSON lists and change nothing else.
    public func rendered(_ transcript: Transcript, segments: Bool = true, words: Bool = false) -> String {
        switch self {
        case .json: transcript.json
        case .text: transcript.text + "\n"
        case .srt: transcript.subtitles(.srt)
        case .verboseJSON: transcript.verboseJSON(segments: segments, words: words)
        case .vtt: transcript.subtitles(.vtt)
        }
    }
}

extension Transcript {
    fileprivate func subtitles(_ style: SubtitleWriter.Style) -> String {
        var writer = SubtitleWriter(style, duration: duration)
        var body = writer.header
        for (position, segment) in segments.enumerated() {
            body += writer.render(segment, next: segments.dropFirst(position + 1).first?.start)
        }
        return body
    }
}
