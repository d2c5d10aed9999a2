import ElkSpeech

/// Prints a transcript piece by piece, in the very bytes that the finished one would have.
struct SegmentStream {
    private var writer: SubtitleWriter?
    /// A cue waits for the next one: it must not reach into it.
    private var held: Segment?
    private let holds: Bool

    init(_ format: TranscriptFormat, duration: Double) {
        switch format {
        case .json, .verboseJSON: writer = nil
        case .text: writer = SubtitleWriter(.txt, duration: duration)
        case .srt: writer = SubtitleWriter(.srt, duration: duration)
        case .vtt: writer = SubtitleWriter(.vtt, duration: duration)
        }
        holds = format != .text
    }

    /// JSON only makes sense whole.
    var isPiecemeal: Bool { writer != nil }
    var header: String { writer?.header ?? "" }

    /// What can be printed now that `segment` is known.
    mutating func text(of segment: Segment) -> String {
        guard holds else { return writer?.render(segment) ?? "" }
        defer { held = segment }
        return held.map { writer?.render($0, next: segment.start) ?? "" } ?? ""
    }

    /// What is left at the end.
    mutating func end() -> String {
        defer { held = nil }
        return held.map { writer?.render($0) ?? "" } ?? ""
    }
}
