package import ElkSpeech
import Synchronization

/// A voice of Piper's kind: phonemes in, samples out.
///
/// One sentence is worked on at a time; others wait for it. Blocking: never call it on the cooperative pool.
package final class Voice: Sendable {
    package struct Options: Sendable {
        /// Times the voice's own pace.
        package var speed = 1.0
        /// Times the voice's own spread of sound and rhythm; 0 says a text the same way each time, and flatly.
        package var liveliness = 1.0
        /// The same seed gives the same sound.
        package var seed: UInt64 = 0

        package init() {}
    }

    /// The sound of a sentence.
    package struct Sound: Sendable {
        /// -1 … 1.
        package var samples: [Float]
        /// Behind the last sample of each phoneme.
        var ends: [Int]

        /// The samples of phonemes, given by their places among the Unicode scalars.
        func span(of phonemes: Range<Int>) -> Range<Int> {
            let start = phonemes.lowerBound > 0 ? ends[phonemes.lowerBound - 1] : begin
            return start..<max(start, phonemes.isEmpty ? start : ends[phonemes.upperBound - 1])
        }

        /// Before the first phoneme.
        var begin: Int
    }

    /// Numbers that the network is given at once, two a phoneme; what is longer is said in parts.
    private static let mostNumbers = 1200

    /// Samples a second.
    package let sampleRate: Int
    /// What eSpeak NG calls the language, such as `en-us`.
    package var language: String { configuration.phonemeVoice.isEmpty ? "en-us" : configuration.phonemeVoice }
    package var isEnglish: Bool { language == "en" || language.hasPrefix("en-") }
    /// Samples of one frame of the network.
    package let hop: Int
    private let configuration: VoiceConfiguration
    private let network: Mutex<Network>

    /// Handed from caller to caller under the lock.
    private struct Network: @unchecked Sendable {
        let network: VoiceNetwork
    }

    /// - Parameters:
    ///   - weights: an ONNX file.
    ///   - configuration: the JSON file beside it.
    ///   - threads: 0 takes one a core.
    package init(weights: String, configuration: String, threads: Int = 0) throws(ModelError) {
        let file = try MappedFile(path: weights)
        self.configuration = try VoiceConfiguration(try MappedFile(path: configuration))
        let network = try VoiceNetwork(try NetworkFile(file), pool: try ThreadPool(threads: threads))
        guard self.configuration.fits(network.symbols) else {
            throw file.fault("has fewer phonemes than its configuration names")
        }
        sampleRate = self.configuration.sampleRate
        hop = network.hop
        self.network = Mutex(Network(network: network))
    }

    /// The sound of a sentence in IPA, nil when cancelled.
    ///
    /// - Parameter isCancelled: asked between pieces of two seconds of sound or so.
    package func speak(
        _ phonemes: String,
        options: Options = Options(),
        isCancelled: () -> Bool = { false }
    ) -> Sound? {
        let spread = VoiceNetwork.Spread(
            sound: Float(configuration.soundSpread * options.liveliness),
            lengths: Float(configuration.lengthSpread * options.liveliness)
        )
        let length = Float(configuration.length / min(max(options.speed, 0.1), 10))
        var noise = GaussianNoise(seed: options.seed)
        var sound = Sound(samples: [], ends: [], begin: 0)
        // The network has an end to its frames, too: where each phoneme takes long, it is given fewer.
        let most = Int(Float(Self.mostNumbers) / max(1, length / 2))
        for part in configuration.parts(of: phonemes, most: most) {
            let numbers = configuration.numbers(of: part)
            let spoken = network.withLock { network in
                network.network.speak(
                    numbers.ids,
                    length: length,
                    spread: spread,
                    noise: &noise,
                    isCancelled: isCancelled
                )
            }
            guard let spoken else { return nil }
            // Behind so many numbers there are so many samples.
            var ends = [0]
            for frames in spoken.lengths {
                ends.append(min((ends.last ?? 0) + frames * hop, spoken.samples.count))
            }
            let start = sound.samples.count
            let place = { (count: Int) in start + ends[min(count, ends.count - 1)] }
            if start == 0 { sound.begin = place(numbers.begin) }
            sound.ends += numbers.ends.map(place)
            sound.samples += spoken.samples
        }
        return sound
    }
}
