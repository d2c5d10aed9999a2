/// Writes segments one after the other as SRT, WebVTT or plain lines, with line feeds as openai/whisper's writers do.
///
/// Its output is the header and then what each segment renders to; nothing follows the last one.
public struct SubtitleWriter: Sendable {
    public enum Style: String, Sendable, Hashable, CaseIterable {
        case srt
        case vtt
        /// A line of text for each segment, without times.
        case txt
    }

    private let style: Style
    private let duration: Double
    private var cues = 0

    /// - Parameter duration: seconds that no time may exceed; infinite when not known yet.
    public init(_ style: Style, duration: Double = .infinity) {
        self.style = style
        self.duration = duration
    }

    public var header: String { style == .vtt ? "WEBVTT\n\n" : "" }

    /// One cue or line, or nothing for a segment without text.
    ///
    /// - Parameter next: start of the following segment when it is known: a cue does not reach into it.
    public mutating func render(_ segment: Segment, next: Double? = nil) -> String {
        let text = cueText(segment.text)
        guard !text.isEmpty else { return "" }
        cues += 1
        var span = segment.span(within: duration)
        if let next, next < span.upperBound, next >= span.lowerBound { span = span.lowerBound...next }
        return switch style {
        case .srt: "\(cues)\n\(time(span.lowerBound, ",")) --> \(time(span.upperBound, ","))\n\(text)\n\n"
        case .vtt: "\(time(span.lowerBound, ".")) --> \(time(span.upperBound, "."))\n\(text)\n\n"
        case .txt: "\(text)\n"
        }
    }

    /// `HH:MM:SS` and milliseconds rounded half to even; a third digit of hours where needed.
    private func time(_ seconds: Double, _ point: String) -> String {
        // 999 hours, far from the range of Int.
        let milliseconds = Int((min(seconds, 3_599_999) * 1000).rounded(.toNearestOrEven))
        let clock = [milliseconds / 3_600_000, milliseconds / 60_000 % 60, milliseconds / 1000 % 60]
        return clock.map { padded($0, to: 2) }.joined(separator: ":") + point + padded(milliseconds % 1000, to: 3)
    }

    private func padded(_ number: Int, to width: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.count)) + digits
    }

    /// The text on one line, in which nothing reads as the arrow or the end of a cue.
    private func cueText(_ text: String) -> String {
        var line = String.UnicodeScalarView()
        for scalar in text.trimmed.unicodeScalars {
            switch scalar {
            case "\n", "\r":
                if line.last != " " { line.append(" ") }
            case ">":
                // Also shortens `--->`, which a plain replacement would turn into a new arrow.
                while line.suffix(2).elementsEqual("--".unicodeScalars) { line.removeLast() }
                line.append(">")
            default: line.append(scalar)
            }
        }
        return String(line)
    }
}
