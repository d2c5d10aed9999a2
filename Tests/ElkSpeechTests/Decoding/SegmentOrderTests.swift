import Testing

@testable import ElkSpeech

struct SegmentOrderTests {
    private func segment(_ start: Double, _ end: Double, words: [Range<Double>]? = nil) -> Segment {
        Segment(
            id: 0,
            seek: 0,
            start: start,
            end: end,
            text: " text",
            tokens: [],
            temperature: 0,
            averageLogProbability: 0,
            compressionRatio: 1,
            noSpeechProbability: 0,
            words: words?.map { Word(text: " w", start: $0.lowerBound, end: $0.upperBound, probability: 1) }
        )
    }

    @Test func `no segment reaches into the next one`() {
        let ordered = [segment(4, 6), segment(0, 4.2, words: [0..<2, 2..<4.2]), segment(5.5, 8)].inOrder(after: nil)
        #expect(ordered.map(\.start) == [0, 4, 5.5])
        #expect(ordered.map(\.end) == [4, 5.5, 8])
        #expect(ordered[0].words?.last?.end == 4)
    }

    @Test func `none begins before what was told has ended`() {
        let last = segment(0, 4.2)
        let ordered = [segment(4, 6, words: [4..<5, 5..<6])].inOrder(after: last)
        #expect(ordered[0].start == 4.2)
        #expect(ordered[0].words?.map(\.start) == [4.2, 5])
        #expect(ordered[0].end == 6)
    }

    @Test func `one that would have no length left stays as it is`() {
        #expect([segment(1, 3)].inOrder(after: segment(0, 5)).map(\.end) == [3])
        #expect([segment(2, 3), segment(2, 4)].inOrder(after: nil).map(\.start) == [2, 2])
    }
}
