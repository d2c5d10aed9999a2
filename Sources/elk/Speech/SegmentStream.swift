import ElkSpeech

/// Gives a transcript piece by piece, in the very bytes that the finished one would have.
struct SegmentStream {
    private var writer: SubtitleWriter?
    /// The text on one line, as the API has it.
    private var text: TextPieces?
    /// A cue waits for the next one: it must not reach into it.
    private var held: Segment?
    private let holds: Bool

    /// - Parameter joinsText: text is one line, as in the finished body, rather than a line a segment.
    init(_ format: TranscriptFormat, duration: Double, joinsText: Bool = false) {
        switch format {
        case .json, .verboseJSON: writer = nil
        case .text where joinsText: text = TextPieces()
        case .text: writer = SubtitleWriter(.txt, duration: duration)
        case .srt: writer = SubtitleWriter(.srt, duration: duration)
        case .vtt: writer = SubtitleWriter(.vtt, duration: duration)
        }
        holds = format != .text
    }

    /// JSON only makes sense whole.
    var isPiecemeal: Bool { writer != nil || text != nil }
    var header: String { writer?.header ?? "" }

    /// What can be given out now that `segment` is known.
    mutating func text(of segment: Segment) -> String {
        if text != nil { return text?.add(segment.text) ?? "" }
        guard holds else { return writer?.render(segment) ?? "" }
        defer { held = segment }
        return held.map { writer?.render($0, next: segment.start) ?? "" } ?? ""
    }

    /// What is left at the end.
    mutating func end() -> String {
        if text != nil { return "\n" }
        defer { held = nil }
        return held.map { writer?.render($0) ?? "" } ?? ""
    }
}
