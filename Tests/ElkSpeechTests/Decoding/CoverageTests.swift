import Testing

@testable import ElkSpeech

struct CoverageTests {
    private typealias Text = ScriptedText

    private func time(_ seconds: Double) -> Int { Text.time(seconds) }

    private func activity(_ seconds: Double, _ speech: [Range<Double>], isTrusted: Bool = true) -> VoiceActivity {
        let probabilities = (0..<Int(seconds / SpeechRanges.secondsPerFrame)).map { frame -> Float in
            speech.contains { $0.contains(Double(frame) * SpeechRanges.secondsPerFrame) } ? 1 : 0
        }
        return VoiceActivity(probabilities, duration: seconds, isTrusted: isTrusted)
    }

    private func pipeline(
        _ network: ScriptedNetwork,
        seconds: Double,
        _ activity: VoiceActivity,
        _ change: (inout TranscriptionOptions) -> Void = { _ in }
    ) -> TranscriptionPipeline {
        var options = TranscriptionOptions()
        options.language = "en"
        options.beamSize = 1
        change(&options)
        let frames = Int(seconds * 100)
        return TranscriptionPipeline(
            network: network,
            tokenizer: Text.tokenizer,
            features: MelSpectrogram(bands: 80, frames: frames, values: [], stride: frames + 3000),
            duration: seconds,
            seed: 7,
            options: options,
            activity: activity
        )
    }

    /// Says `whole` in the first window and `alone` in every one that begins elsewhere.
    private func network(_ whole: [Int], alone: [Int], sure: Float = 30) -> ScriptedNetwork {
        ScriptedNetwork { window, tokens in
            guard let start = tokens.firstIndex(of: Text.special.startOfTranscript) else { return [:] }
            let said = tokens.count - start - 3
            guard said >= 0 else { return [:] }
            let text = window == 0 ? whole : alone
            return [said < text.count ? text[said] : Text.special.endOfText: sure]
        }
    }

    @Test func `speech between two segments is decoded alone and put where it was said`() throws {
        let network = network([time(0), 1, time(4), time(9), 3, time(11)], alone: [time(0), 5, 6, time(2)])
        var pipeline = pipeline(network, seconds: 12, activity(12, [0..<4, 5.5..<7.5, 9..<11]))
        var heard: [Segment] = []
        pipeline.onSegment = { heard.append($0) }
        let transcript = try pipeline.run()
        #expect(transcript.segments.map(\.text) == [" wb", " wf wg", " wd"])
        #expect(transcript.segments.map(\.id) == [0, 1, 2])
        #expect(heard == transcript.segments)
        #expect(zip(heard, heard.dropFirst()).allSatisfy { $0.start <= $1.start })
        #expect(network.encoded.count == 2)
        #expect(5.0..<5.5 ~= Double(network.encoded[1].lowerBound) / 100)
        // Alone is without what was said before.
        #expect(network.prompts[1].count == 3)
        #expect((transcript.coverage ?? 0) > 0.99)
    }

    @Test func `speech in another language is decoded in that, unless the language was named`() throws {
        let special = Text.special
        let (english, german) = (special.token(ofLanguage: "en") ?? 0, special.token(ofLanguage: "de") ?? 0)
        let spoken = network([time(0), 1, time(4), time(9), 3, time(11)], alone: [time(0), 5, 6, time(2)])
        func heard(_ change: (inout TranscriptionOptions) -> Void) throws -> (
            network: ScriptedNetwork, text: Transcript
        ) {
            let network = ScriptedNetwork { window, tokens in
                guard tokens == [special.startOfTranscript] else { return spoken.script(window, tokens) }
                return [window == 0 ? english : german: 20]
            }
            var pipeline = pipeline(network, seconds: 12, activity(12, [0..<4, 5.5..<7.5, 9..<11]), change)
            return (network, try pipeline.run())
        }
        let mixed = try heard {
            $0.language = nil
            $0.detectsEveryWindow = true
        }
        #expect(mixed.network.prompts.last?.contains(german) == true)
        #expect(mixed.text.segments.map(\.language) == ["en", "de", "en"])
        let named = try heard { $0.language = "en" }
        #expect(named.network.prompts.last?.contains(english) == true)
    }

    @Test func `what is written already, only with wrong times, is not written twice`() throws {
        let network = network([time(0), 1, 5, 6, time(4), time(9), 3, time(11)], alone: [time(0), 5, 6, time(2)])
        var pipeline = pipeline(network, seconds: 12, activity(12, [0..<4, 5.5..<7.5, 9..<11]))
        let transcript = try pipeline.run()
        #expect(transcript.segments.map(\.text) == [" wb wf wg", " wd"])
        #expect((transcript.coverage ?? 1) < 0.9)
    }

    @Test func `text that is in doubt is not taken`() throws {
        let network = ScriptedNetwork(background: 0) { window, tokens in
            guard let start = tokens.firstIndex(of: Text.special.startOfTranscript) else { return [:] }
            let said = tokens.count - start - 3
            guard said >= 0 else { return [:] }
            let text = window == 0 ? [time(0), 1, time(4), time(9), 3, time(11)] : [time(0), 5, 6, time(2)]
            return [said < text.count ? text[said] : Text.special.endOfText: window == 0 ? 30 : 9]
        }
        var pipeline = pipeline(network, seconds: 12, activity(12, [0..<4, 5.5..<7.5, 9..<11]))
        let transcript = try pipeline.run()
        #expect(transcript.segments.map(\.text) == [" wb", " wd"])
    }

    @Test func `speech that the end of a window cuts in two begins the next one`() throws {
        let network = network([time(0), 1, time(20)], alone: [time(0), 5, 6, time(9)])
        var pipeline = pipeline(network, seconds: 38, activity(38, [0..<20, 27..<36]))
        let transcript = try pipeline.run()
        #expect(network.encoded.count == 2)
        #expect(26.5..<27.0 ~= Double(network.encoded[1].lowerBound) / 100)
        #expect(transcript.segments.map(\.text) == [" wb", " wf wg"])
    }

    @Test func `much speech behind the text of a window has a window of its own, with what was said before`() throws {
        let network = network([time(0), 1, time(4)], alone: [time(0), 5, 6, time(8)])
        var pipeline = pipeline(network, seconds: 38, activity(38, [0..<4, 8..<11, 13..<16]))
        let transcript = try pipeline.run()
        #expect(transcript.segments.map(\.text) == [" wb", " wf wg"])
        #expect(network.encoded.count == 2)
        #expect(7.7..<8.0 ~= Double(network.encoded[1].lowerBound) / 100)
        #expect(network.prompts[1].contains(1))
    }

    @Test func `a word that began before the text before it ends begins the next window`() throws {
        // A pause ends at 9.5 s; the first window dates its last closed segment to 9.7 s.
        let network = network([time(0), 1, time(9.7), time(9.7), 3], alone: [time(0), 5, 6, time(9), time(9)])
        var pipeline = pipeline(network, seconds: 38, activity(38, [0..<9, 9.5..<18]))
        let transcript = try pipeline.run()
        #expect(9.4..<9.55 ~= Double(network.encoded[1].lowerBound) / 100)
        #expect(transcript.segments.map(\.text).prefix(2) == [" wb", " wf wg"])
        #expect(transcript.segments[0].end <= transcript.segments[1].start)
    }

    @Test(arguments: [9.0, 10.5])
    func `a window begins where the text before it ends, in a pause or amid speech`(seconds: Double) throws {
        let network = network([time(0), 1, time(seconds), time(seconds), 3], alone: [time(0), 5, 6, time(9), time(9)])
        var pipeline = pipeline(network, seconds: 38, activity(38, [0..<9, 9.5..<18]))
        _ = try pipeline.run()
        #expect(network.encoded.map(\.lowerBound).prefix(2) == [0, Int(seconds * 100)])
    }

    /// Four segments of three words in three seconds each, and behind them one word over six seconds of speech.
    private var sparse: [Int] {
        [[1, 2, 3], [5, 6, 7], [8, 9, 10], [12, 14, 15]].enumerated().flatMap { index, words in
            [time(Double(3 * index))] + words + [time(Double(3 * index + 3))]
        } + [time(12), 4, time(18)]
    }

    @Test func `a segment with too little text for its speech is decoded again`() throws {
        let network = network(sparse, alone: [time(0), 4, 5, 6, 7, 8, time(6)])
        var pipeline = pipeline(network, seconds: 18, activity(18, [0..<18]))
        let transcript = try pipeline.run()
        #expect(network.encoded.count == 2)
        let texts = [" wb wc wd", " wf wg wh", " wi wj wba", " wbc wbe wbf", " we wf wg wh wi"]
        #expect(transcript.segments.map(\.text) == texts)
        #expect(transcript.segments.map(\.id) == [0, 1, 2, 3, 4])
    }

    @Test func `a second hearing that has no more words changes nothing`() throws {
        let network = network(sparse, alone: [time(0), 5, 6, 7, time(6)])
        var pipeline = pipeline(network, seconds: 18, activity(18, [0..<18]))
        let transcript = try pipeline.run()
        #expect(network.encoded.count == 2)
        #expect(transcript.segments.last?.text == " we")
    }

    @Test func `loudness alone makes nobody listen twice`() throws {
        let network = network([time(0), 1, time(4), time(9), 3, time(11)], alone: [time(0), 5, 6, time(2)])
        let activity = activity(12, [0..<4, 5.5..<7.5, 9..<11], isTrusted: false)
        var pipeline = pipeline(network, seconds: 12, activity)
        let transcript = try pipeline.run()
        #expect(network.encoded.count == 1)
        #expect(transcript.coverage == nil)
    }

    @Test func `what of the speech no segment reaches`() {
        let speech = activity(20, [1..<3, 5..<9, 12..<13]).speech
        func left(_ spans: [Range<Double>], _ shortest: Double = 0.6) -> [Int] {
            speech.uncovered(by: spans, from: 0, to: 20, shortest: shortest)
                .flatMap { [Int(($0.lowerBound * 10).rounded()), Int(($0.upperBound * 10).rounded())] }
        }
        #expect(left([0..<20]) == [])
        #expect(left([]).count == 6)
        #expect(left([0..<3.2, 6..<7, 11.5..<12.6]).dropFirst().first == 60)
        #expect(abs(speech.covered(by: [0..<20]) - speech.total) < 1e-9)
        #expect(speech.covered(by: []) == 0)
    }
}
