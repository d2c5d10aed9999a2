import ElkSpeech
import Testing

@testable import elk

struct SpeakerMergeTests {
    private func segment(_ start: Double) -> Segment {
        Segment(
            id: 0,
            seek: 0,
            start: start,
            end: start + 1,
            text: " \(start)",
            tokens: [],
            temperature: 0,
            averageLogProbability: 0,
            compressionRatio: 1,
            noSpeechProbability: 0
        )
    }

    @Test func `segments come in the order of their times as soon as nothing can come before them`() {
        var merge = SpeakerMerge()
        merge.add([segment(0), segment(4), segment(8)], speaker: "A")
        #expect(merge.pass(segment(2), speaker: "B").map(\.segment.start) == [0, 2])
        #expect(merge.take(before: 3).isEmpty)
        #expect(merge.take(before: 5).map(\.speaker) == ["A"])
        #expect(merge.pass(segment(6), speaker: "B").map(\.speaker) == ["B"])
        #expect(merge.rest().map(\.segment.start) == [8])
    }

    @Test func `a segment lasts from its first word to its last`() {
        var heard = segment(0)
        #expect(heard.spoken == heard)
        heard.words = [
            Word(text: " one", start: 0.4, end: 0.5, probability: 1),
            Word(text: " two", start: 0.6, end: 0.9, probability: 1),
        ]
        #expect(heard.spoken.start == 0.4)
        #expect(heard.spoken.end == 0.9)
    }
}
