import Testing

@testable import ElkVoice

@Suite struct PhonemeLengthsTests {
    /// Of one to seven frames, as phonemes and the pauses between them are.
    private let logarithms: [Float] = (0..<200).map { Float($0 % 20) / 10 }

    private func total(_ length: Float) -> Int {
        VoiceNetwork.wholeFrames(logarithms, length: length).reduce(0, +)
    }

    @Test func `a pace is as fast as it says`() {
        let own = total(1)
        for speed: Float in [1.25, 1.5, 2, 3, 4] {
            #expect(abs(Float(total(1 / speed)) - Float(own) / speed) <= 1)
        }
    }

    @Test func `at its own pace and slower every phoneme is rounded up`() {
        #expect(VoiceNetwork.wholeFrames([0, 0.1, 1], length: 1) == [1, 2, 3])
        #expect(VoiceNetwork.wholeFrames([0, 0.1, 1], length: 2) == [2, 3, 6])
    }

    @Test func `what is no number is no sound`() {
        for length: Float in [0.25, 1] {
            #expect(VoiceNetwork.wholeFrames([.nan, -.infinity, .nan], length: length) == [0, 0, 0])
            #expect(VoiceNetwork.wholeFrames([.infinity], length: length)[0] <= 600)
        }
    }
}
