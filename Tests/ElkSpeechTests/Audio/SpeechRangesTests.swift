import Testing

@testable import ElkSpeech

struct SpeechRangesTests {
    private let frame = SpeechRanges.secondsPerFrame
    private let bare = SpeechRanges.Rules(minimumSpeech: 0, minimumSilence: 0, padding: 0)

    private func frames(_ probabilities: [Float], _ rules: SpeechRanges.Rules) -> [[Int]] {
        SpeechRanges(probabilities, duration: Double(probabilities.count) * frame, rules: rules).ranges
            .map { [Int(($0.lowerBound / frame).rounded()), Int(($0.upperBound / frame).rounded())] }
    }

    @Test func `speech starts at the threshold and ends 0.15 below it`() {
        #expect(frames([0.1, 0.49, 0.5, 0.4, 0.36, 0.34, 0.4, 0.1], bare) == [[2, 5]])
    }

    @Test func `a short pause does not end speech`() {
        var rules = bare
        rules.minimumSilence = 0.1
        #expect(frames([1, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1], rules) == [[0, 6], [10, 11]])
    }

    @Test func `what is too short is dropped`() {
        var rules = bare
        rules.minimumSpeech = 0.1
        #expect(frames([1, 1, 1, 0, 0, 1, 1, 1, 1, 0], rules) == [[5, 9]])
    }

    @Test func `padding stays inside the recording and neighbours share the gap`() {
        var rules = bare
        rules.padding = 3 * frame
        #expect(frames([0, 1, 0, 0, 1, 0, 0, 0, 0], rules) == [[0, 3], [3, 8]])
        #expect(frames([0, 1, 0], rules) == [[0, 3]])
    }

    @Test func `speech may last to the end of a recording that ends within a frame`() {
        let speech = SpeechRanges([0, 1, 1], duration: 0.07)
        #expect(speech.isEmpty)
        #expect(SpeechRanges([0, 1, 1], duration: 0.07, rules: bare).ranges == [0.032..<0.07])
    }

    @Test func `nothing comes of no frames, and what is no number is no speech`() {
        #expect(frames([], bare).isEmpty)
        #expect(frames([.nan, .nan], bare).isEmpty)
    }

    @Test func `a stretch overlaps what it shares more than an end with`() {
        let speech = SpeechRanges([0, 1, 0, 0, 1, 0], duration: 6 * frame, rules: bare)
        #expect(speech.overlaps(0, 2 * frame))
        #expect(!speech.overlaps(0, frame))
        #expect(!speech.overlaps(2 * frame, 4 * frame))
        #expect(speech.overlaps(2 * frame, 4.5 * frame))
        #expect(!speech.overlaps(5 * frame, 9 * frame))
        #expect(abs(speech.total - 2 * frame) < 1e-9)
    }
}
