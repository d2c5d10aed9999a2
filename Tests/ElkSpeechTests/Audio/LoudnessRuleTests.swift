import Testing

@testable import ElkSpeech

struct LoudnessRuleTests {
    private func activity(_ samples: [Float]) -> VoiceActivity {
        VoiceActivityDetector.byLoudness.activity(in: samples)
    }

    private func noise(_ seconds: Double, _ level: Float) -> [Float] {
        var random = Random(seed: 5)
        return random.floats(Int(seconds * 16000)).map { $0 * level }
    }

    @Test func `digital silence has no speech, with a constant offset neither`() {
        #expect(activity([Float](repeating: 0, count: 50000)).possibleSpeech.isEmpty)
        #expect(activity([Float](repeating: 0.25, count: 51200)).possibleSpeech.isEmpty)
        #expect(activity([]).possibleSpeech.isEmpty)
    }

    @Test func `the last bit of 16-bit samples is silence`() {
        #expect(activity(noise(2, 1.0 / 32768)).possibleSpeech.isEmpty)
    }

    @Test func `steady noise may hide speech but is none`() {
        let activity = activity(noise(3, 0.1))
        #expect(activity.speech.isEmpty)
        #expect(abs(activity.possibleSpeech.total - 3) < 0.001)
    }

    @Test(arguments: [1, 0.01, 0.001] as [Float])
    func `what is louder than the rest is speech, however quiet the recording`(volume: Float) {
        let samples = noise(1, 0.01 * volume) + noise(0.5, 0.1 * volume) + noise(1, 0.01 * volume)
        let speech = activity(samples).speech
        #expect(speech.ranges.count == 1)
        #expect(speech.overlaps(1.1, 1.4))
        #expect(!speech.overlaps(0, 0.9) && !speech.overlaps(1.6, 2.5))
    }

    @Test func `samples that are no number count as silence`() {
        var samples = noise(1, 0.1)
        samples[500] = .nan
        samples[9000] = .infinity
        #expect(activity(samples).possibleSpeech.total > 0.99)
    }
}
