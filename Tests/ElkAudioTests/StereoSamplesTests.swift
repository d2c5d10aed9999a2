import Testing

@testable import ElkAudio

struct StereoSamplesTests {
    private func stereo(_ left: (Int) -> Float, _ right: (Int) -> Float) -> StereoSamples {
        StereoSamples((0..<4_000).flatMap { [left($0), right($0)] })
    }

    @Test func `channels with nothing in common are two speakers`() {
        let samples = stereo(
            { $0 < 2_000 ? ($0 % 2 == 0 ? 0.5 : -0.5) : 0 },
            { $0 < 2_000 ? 0 : ($0 % 3 == 0 ? 0.5 : -0.2) }
        )
        #expect(samples.hasSpeakerPerChannel)
        #expect(samples.left.count == 4_000)
        #expect(samples.right[3] == 0)
    }

    @Test func `the same on both channels is one speaker, at any level`() {
        let wave = { (index: Int) -> Float in index % 7 < 3 ? 0.4 : -0.3 }
        #expect(!stereo(wave, wave).hasSpeakerPerChannel)
        #expect(!stereo(wave, { wave($0) * -0.2 }).hasSpeakerPerChannel)
    }

    @Test func `an empty channel is no speaker`() {
        #expect(!stereo({ $0 % 2 == 0 ? 0.5 : -0.5 }, { _ in 0 }).hasSpeakerPerChannel)
        #expect(!StereoSamples([]).hasSpeakerPerChannel)
    }

    @Test func `mixed samples are the mean`() {
        #expect(StereoSamples([1, 0, -0.5, -0.5]).mixed == [0.5, -0.5])
    }
}
