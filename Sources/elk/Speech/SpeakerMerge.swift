import ElkSpeech

/// Puts the segments of several speakers in the order of their times while the last speaker is still being heard.
///
/// The others' segments are known already; one is passed on when nothing of the last speaker's can come before it.
struct SpeakerMerge {
    private var waiting: ArraySlice<Dialogue.Turn> = []

    /// Adds what was heard of a speaker whose channel is done.
    mutating func add(_ segments: [Segment], speaker: String) {
        let turns = segments.map { Dialogue.Turn(speaker: speaker, segment: $0) }
        waiting = (Array(waiting) + turns).sorted { $0.segment.start < $1.segment.start }[...]
    }

    /// What comes before a time (seconds) that the last speaker has reached.
    mutating func take(before time: Double) -> [Dialogue.Turn] {
        let turns = waiting.prefix { $0.segment.start <= time }
        waiting = waiting.dropFirst(turns.count)
        return Array(turns)
    }

    /// A segment of the last speaker, behind all that comes before it.
    mutating func pass(_ segment: Segment, speaker: String) -> [Dialogue.Turn] {
        take(before: segment.start) + [Dialogue.Turn(speaker: speaker, segment: segment)]
    }

    mutating func rest() -> [Dialogue.Turn] { take(before: .infinity) }
}
