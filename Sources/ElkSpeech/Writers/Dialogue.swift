/// Who said what: segments in the order of their times, each with its speaker.
public struct Dialogue: Sendable, Hashable {
    public struct Turn: Sendable, Hashable {
        public var speaker: String
        public var segment: Segment

        public init(speaker: String, segment: Segment) {
            self.speaker = speaker
            self.segment = segment
        }
    }

    /// Seconds of the recording.
    public var duration: Double
    public var turns: [Turn]

    public init(duration: Double, turns: [Turn]) {
        self.duration = duration
        self.turns = turns
    }

    public var text: String { turns.map(\.segment.text).joined().trimmed }

    /// An answer in the format `diarized_json`.
    public var json: String {
        let length = duration.isFinite && duration > 0 ? duration : 0
        var json = JSONText()
        json.object { json in
            json.key("task")
            json.string("transcribe")
            json.key("duration")
            json.number(length)
            json.key("text")
            json.string(text)
            json.key("segments")
            json.array(turns.filter { !$0.segment.text.trimmed.isEmpty }.enumerated()) { json, numbered in
                write(numbered.element, number: numbered.offset + 1, to: &json)
            }
            json.usage(ofSeconds: length)
        }
        return json.text
    }

    private func write(_ turn: Turn, number: Int, to json: inout JSONText) {
        let span = turn.segment.span(within: duration)
        let digits = String(number)
        json.object { json in
            json.key("type")
            json.string("transcript.text.segment")
            json.key("id")
            json.string("seg_" + String(repeating: "0", count: max(0, 3 - digits.count)) + digits)
            json.key("start")
            json.number(span.lowerBound)
            json.key("end")
            json.number(span.upperBound)
            json.key("text")
            json.string(turn.segment.text)
            json.key("speaker")
            json.string(turn.speaker)
        }
    }
}
