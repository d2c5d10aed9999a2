import ElkSpeech
import ElkVoice
import FoundationEssentials

/// When each word of a spoken text is said, for captions and for whatever else follows along.
struct SpokenTimes {
    /// Characters of a caption at most, unless a single word has more.
    private static let mostCharacters = 80

    /// Words of each part of the text, in seconds from the start of the whole.
    private var parts: [[SpokenWord]] = []
    private var duration = 0.0

    mutating func append(_ part: SpokenPart, sampleRate: Int) {
        parts.append(
            part.words.map { SpokenWord(text: $0.text, start: $0.start + duration, end: $0.end + duration) }
        )
        duration += Double(part.samples.count) / Double(sampleRate)
    }

    /// SRT or WebVTT captions where the name of the file ends so, else JSON.
    func text(forFile name: String) throws -> String {
        if name.lowercased().hasSuffix(".srt") { return captions(.srt) }
        if name.lowercased().hasSuffix(".vtt") { return captions(.vtt) }
        return try json()
    }

    private func captions(_ style: SubtitleWriter.Style) -> String {
        var writer = SubtitleWriter(style, duration: duration)
        return writer.header + parts.flatMap(Self.cues).map { writer.render($0) }.joined()
    }

    /// No caption reaches beyond its part, a sentence as a rule.
    private static func cues(of words: [SpokenWord]) -> [Segment] {
        var cues: [Segment] = []
        for word in words {
            if let last = cues.indices.last, cues[last].text.count + 1 + word.text.count <= mostCharacters {
                cues[last].text += " " + word.text
                cues[last].end = word.end
            } else {
                cues.append(
                    Segment(
                        id: cues.count,
                        seek: 0,
                        start: word.start,
                        end: word.end,
                        text: word.text,
                        tokens: [],
                        temperature: 0,
                        averageLogProbability: 0,
                        compressionRatio: 0,
                        noSpeechProbability: 0
                    )
                )
            }
        }
        return cues
    }

    private struct Document: Encodable {
        struct Word: Encodable {
            var word: String
            var start: Double
            var end: Double
        }

        var duration: Double
        var words: [Word]
    }

    private func json() throws -> String {
        let words = parts.joined().map { word in
            Document.Word(word: word.text, start: Self.milliseconds(word.start), end: Self.milliseconds(word.end))
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let data = try encoder.encode(Document(duration: Self.milliseconds(duration), words: words))
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    /// Rounded to them.
    private static func milliseconds(_ seconds: Double) -> Double { (seconds * 1000).rounded() / 1000 }
}
