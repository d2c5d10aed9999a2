import Foundation
import Testing

@testable import ElkSpeech

struct VoiceActivityDetectorTests {
    @Test func `the kernel computes what plain loops compute`() throws {
        let network = VoiceActivityNetwork(seed: 3)
        var random = Random(seed: 4)
        let samples = random.floats(5 * 512).map { $0 * 0.3 }
        let weights = try VoiceActivityWeights(network.file())
        let heard = weights.probabilities(of: samples, gain: 1, isCancelled: { false })
        let plain = network.probabilities(of: samples)
        #expect(heard.count == 5)
        #expect(zip(heard, plain).allSatisfy { abs($0 - $1) < 1e-4 }, "\(heard) \(plain)")
        #expect(Set(plain).count == 5)
    }

    @Test func `gain is as good as louder samples, and the last frame is filled up with silence`() throws {
        let weights = try VoiceActivityWeights(VoiceActivityNetwork(seed: 3).file())
        var random = Random(seed: 6)
        let samples = random.floats(700)
        let filled = samples.map { $0 * 4 } + [Float](repeating: 0, count: 324)
        #expect(
            weights.probabilities(of: samples, gain: 4, isCancelled: { false })
                == weights.probabilities(of: filled, gain: 1, isCancelled: { false })
        )
    }

    @Test func `samples that are no number do not outlast their frames`() throws {
        let weights = try VoiceActivityWeights(VoiceActivityNetwork(seed: 3).file())
        let samples: [Float] = [.nan, .infinity, -.infinity, 1e30] + [Float](repeating: 0.1, count: 3000)
        let heard = weights.probabilities(of: samples, gain: 1, isCancelled: { false })
        #expect(heard.allSatisfy { $0.isFinite })
        #expect(weights.probabilities(of: [], gain: 1, isCancelled: { false }).isEmpty)
    }

    @Test func `a frame is the same alone, among others, and on several threads`() throws {
        let weights = try VoiceActivityWeights(VoiceActivityNetwork(seed: 3).file())
        var random = Random(seed: 7)
        // More than are kept at once, then whole blocks, frames and a part of one.
        let (frames, rest) = (32 * 6 + 2 * 6 + 3, 200)
        let samples = random.floats(frames * 512 + rest)
        let together = weights.probabilities(of: samples, gain: 2, isCancelled: { false })
        let pool = try ThreadPool(threads: 3)
        #expect(weights.probabilities(of: samples, gain: 2, pool: pool, isCancelled: { false }) == together)
        let live = VoiceActivityWeights.Live(weights)
        let alone = (0..<frames).flatMap { frame in
            live.probabilities(of: Array(samples[frame * 512..<(frame + 1) * 512]), gain: 2)
        }
        #expect(alone == Array(together.prefix(frames)))
    }

    @Test func `weights of another network are refused`() {
        let network = VoiceActivityNetwork(seed: 3)
        #expect(throws: ModelError("vad.safetensors is not the 16 kHz network of Silero VAD: it has no conv3.bias")) {
            try VoiceActivityWeights(network.file(without: "conv3.bias"))
        }
        #expect(
            throws: ModelError("vad.safetensors is not the 16 kHz network of Silero VAD: conv2.weight is [3, 128, 64]")
        ) {
            try VoiceActivityWeights(network.file(transposing: "conv2.weight"))
        }
    }

    @Test func `weights that are no number are refused`() {
        var network = VoiceActivityNetwork(seed: 3)
        network.tensors["conv4.bias"]?[7] = .nan
        #expect(throws: ModelError("vad.safetensors is damaged: conv4.bias holds what is no number")) {
            try VoiceActivityWeights(network.file())
        }
    }

    @Test func `a missing file is an error`() {
        #expect(throws: ModelError.self) { try VoiceActivityDetector(contentsOf: "/nowhere/vad.safetensors") }
    }
}

/// Silero VAD as published.
@Suite(.enabled(if: PublishedDetector.path != nil, InstalledModels.missing("silero-vad")))
struct PublishedDetectorTests {
    @Test func `probabilities of a gliding hum equal those of the published network`() throws {
        let samples = (0..<16000).map { index in
            let time = Double(index) / 16000
            let hum = (1...20).reduce(0.0) { sum, k in
                sum + sin(2 * .pi * Double(k) * (120 * time + 20 * time * time)) / Double(k)
            }
            return Float(hum * 0.1 * pow(sin(4 * .pi * time), 2))
        }
        let weights = try VoiceActivityWeights(contentsOf: try #require(PublishedDetector.path))
        let heard = weights.probabilities(of: samples, gain: 1, isCancelled: { false })
        let expected: [Float] = [
            0.0674, 0.1567, 0.0766, 0.0173, 0.0053, 0.0026, 0.0073, 0.0126, 0.0592, 0.0424, 0.0188, 0.0067, 0.0028,
            0.0027, 0.0116, 0.0202, 0.1013, 0.0281, 0.0129, 0.0041, 0.0016, 0.0027, 0.0113, 0.0186, 0.08, 0.0154,
            0.0071, 0.0027, 0.0016, 0.0041, 0.0124, 0.0091,
        ]
        #expect(heard.count == expected.count)
        #expect(zip(heard, expected).allSatisfy { abs($0 - $1) < 1e-3 })
    }

    @Test(.enabled(if: SharedSpeech.samples != nil, SharedSpeech.missing))
    func `probabilities of real speech equal those of the published network`() throws {
        let samples = try #require(SharedSpeech.samples)
        let detector = try VoiceActivityDetector(contentsOf: try #require(PublishedDetector.path))
        let heard = detector.probabilities(of: samples)
        let expected: [(frame: Int, probability: Float)] = [
            (0, 0.0180), (5, 0.0220), (10, 0.6456), (20, 0.9955), (40, 0.9986), (60, 0.9982), (80, 0.0231),
            (100, 0.0027), (150, 0.0171), (200, 0.9998), (250, 0.0160), (300, 0.9998), (343, 0.2248),
        ]
        #expect(heard.count == 344)
        for (frame, probability) in expected {
            #expect(abs(heard[frame] - probability) < 1e-3, "frame \(frame)")
        }
    }

    @Test(.enabled(if: SharedSpeech.samples != nil, SharedSpeech.missing))
    func `speech is found 40 dB quieter too`() throws {
        let samples = try #require(SharedSpeech.samples)
        let detector = try VoiceActivityDetector(contentsOf: try #require(PublishedDetector.path))
        let quiet = samples.map { ($0 * 0.01 * 32768).rounded() / 32768 }
        let loud = detector.activity(in: samples).speech.total
        #expect(loud > 6)
        #expect(detector.activity(in: quiet).speech.total > 0.9 * loud)
    }

    @Test func `silence and noise have no speech`() throws {
        let detector = try VoiceActivityDetector(contentsOf: try #require(PublishedDetector.path))
        var random = Random(seed: 8)
        let noise = random.floats(80000)
        for level in [0, 1e-4, 0.01, 0.5] as [Float] {
            #expect(detector.activity(in: noise.map { $0 * level }).possibleSpeech.isEmpty)
        }
    }
}

private enum PublishedDetector {
    static let path = InstalledModels.path("silero-vad/silero_vad_16k.safetensors")
}
