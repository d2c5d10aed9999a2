import Testing

@testable import ElkSpeech

struct KeywordBiasTests {
    private typealias Text = ScriptedText

    private func time(_ seconds: Double) -> Int { Text.time(seconds) }

    private func transcript(
        _ network: ScriptedNetwork,
        beam: Int,
        keywords: [String],
        seconds: Double = 20
    ) throws -> Transcript {
        var options = TranscriptionOptions()
        options.language = "en"
        options.beamSize = beam
        options.keywords = keywords
        options.logProbabilities = true
        let frames = Int(seconds * 100)
        var pipeline = TranscriptionPipeline(
            network: network,
            tokenizer: Text.tokenizer,
            features: MelSpectrogram(bands: 80, frames: frames, values: [], stride: frames + 3000),
            duration: seconds,
            seed: 7,
            options: options
        )
        return try pipeline.run()
    }

    /// Hears token 5, or a little less likely token 6, and after either 7.
    private func network(_ difference: Float) -> ScriptedNetwork {
        ScriptedNetwork { _, tokens in
            guard let start = tokens.firstIndex(of: Text.special.startOfTranscript) else { return [:] }
            switch tokens.count - start - 3 {
            case 0: return [Text.time(0): 20]
            case 1: return [5: 20, 6: 20 - difference]
            case 2: return [7: 20]
            case 3: return [Text.time(4): 20]
            default: return [Text.special.endOfText: 20]
            }
        }
    }

    @Test(arguments: [1, 5]) func `a keyword wins where it is nearly as likely, and not where it is not`(beam: Int)
        throws
    {
        // The tokens' texts are " wf", " wg" and " wh".
        #expect(try transcript(network(0.5), beam: beam, keywords: []).text == "wf wh")
        #expect(try transcript(network(0.5), beam: beam, keywords: ["wg wh"]).text == "wg wh")
        #expect(try transcript(network(9), beam: beam, keywords: ["wg wh"]).text == "wf wh")
    }

    @Test func `the log-probabilities that are told are without the help`() throws {
        let transcript = try transcript(network(0.5), beam: 5, keywords: ["wg wh"])
        let told = try #require(transcript.logProbabilities)
        #expect(told.map(\.token) == [" wg", " wh"])
        #expect(told[0].bytes == Array(" wg".utf8))
        #expect(-1.1..<(-0.9) ~= told[0].logProbability)
        #expect(-0.1...0 ~= told[1].logProbability)
    }

    @Test func `keywords stand in front of every window`() throws {
        let network = ScriptedNetwork(
            Text.saying([0: [time(0), 1, time(20), time(20)], 2000: [time(0), 2, time(9)]])
        )
        _ = try transcript(network, beam: 1, keywords: ["wj"], seconds: 40)
        #expect(network.prompts.count == 2)
        #expect(network.prompts.allSatisfy { $0.starts(with: [Text.special.startOfPrevious, 9]) })
    }

    @Test func `help is taken back from a phrase that is left before its end`() {
        let bias = KeywordBias(["wg wh wi"], tokenizer: Text.tokenizer)
        var place = KeywordBias.Place()
        let begun = bias.advance(&place, with: 6) + bias.advance(&place, with: 7)
        #expect(begun > 0)
        #expect(place.debt == begun)
        #expect(bias.advance(&place, with: 42) == -begun)
        #expect(place.debt == 0)
        let whole = [6, 7, 8].reduce(0 as Float) { $0 + bias.advance(&place, with: $1) }
        #expect(whole > begun)
        #expect(place.debt == 0)
        #expect(bias.advance(&place, with: 42) == 0)
    }
}
