import Testing

@testable import ElkSpeech

struct VoiceActivityGateTests {
    private typealias Text = ScriptedText

    private func time(_ seconds: Double) -> Int { Text.time(seconds) }

    /// Speech at 1, doubt at 0.3, silence elsewhere (seconds).
    private func activity(
        _ seconds: Double,
        speech: [Range<Double>],
        doubt: [Range<Double>] = []
    ) -> VoiceActivity {
        let probabilities = (0..<Int(seconds / SpeechRanges.secondsPerFrame)).map { frame -> Float in
            let time = Double(frame) * SpeechRanges.secondsPerFrame
            if speech.contains(where: { $0.contains(time) }) { return 1 }
            return doubt.contains { $0.contains(time) } ? 0.3 : 0
        }
        return VoiceActivity(probabilities, duration: seconds)
    }

    private func pipeline(
        _ network: ScriptedNetwork,
        seconds: Double,
        language: String? = "en",
        _ activity: VoiceActivity?
    ) -> TranscriptionPipeline {
        var options = TranscriptionOptions()
        options.language = language
        options.beamSize = 1
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

    /// Says `text` in every window; `sure` is the logit of its tokens before a background of many.
    private func network(saying text: [Int], sure: Float = 10) -> ScriptedNetwork {
        ScriptedNetwork(background: 0) { _, tokens in
            guard let start = tokens.firstIndex(of: Text.special.startOfTranscript) else { return [:] }
            let said = tokens.count - start - 3
            guard said >= 0 else { return [:] }
            return [said < text.count ? text[said] : Text.special.endOfText: sure]
        }
    }

    @Test func `a window begins half a second before the first sound that may be speech`() throws {
        let network = network(saying: [time(0), 1, time(2)], sure: 30)
        var pipeline = pipeline(
            network,
            seconds: 40,
            language: nil,
            activity(40, speech: [20..<23], doubt: [17..<17.5])
        )
        let transcript = try pipeline.run()
        #expect(network.encoded.first == 1649..<4000)
        #expect(transcript.segments.map(\.seek) == [1649])
        #expect(transcript.language == "en")
    }

    @Test func `what is said within the first second and a half of a window is heard as it lies`() throws {
        let network = network(saying: [time(0), 1, time(2)], sure: 30)
        var pipeline = pipeline(network, seconds: 20, activity(20, speech: [1.4..<5]))
        _ = try pipeline.run()
        #expect(network.encoded.first?.lowerBound == 0)
    }

    @Test func `segments leave out the silence at their ends`() throws {
        let network = network(saying: [time(0), 1, time(11), time(11), 2, time(18)], sure: 30)
        var pipeline = pipeline(network, seconds: 20, activity(20, speech: [1.2..<5, 14..<17.8]))
        let segments = try pipeline.run().segments
        #expect(segments.map { Int($0.start * 10) } == [11, 139])
        #expect(segments.map { Int($0.end * 10) } == [50, 180])
    }

    @Test func `a recording without speech is not even encoded`() throws {
        let network = network(saying: [time(0), 1, time(2)], sure: 30)
        var pipeline = pipeline(network, seconds: 65, language: nil, activity(65, speech: []))
        var progress: [Double] = []
        pipeline.onProgress = { progress.append($0) }
        let transcript = try pipeline.run()
        #expect(transcript.segments.isEmpty)
        #expect(transcript.language == "en" && transcript.languageProbability == nil)
        #expect(network.encoded.isEmpty)
        #expect(progress == [30, 60, 65])
    }

    @Test func `what is silent is passed over, whole windows and the beginnings of others`() throws {
        let network = network(saying: [time(0), 1, time(10)], sure: 30)
        var pipeline = pipeline(network, seconds: 100, activity(100, speech: [2..<9, 62..<70]))
        #expect(try pipeline.run().segments.map { Int($0.start * 10) } == [19, 619])
        #expect(network.encoded == [148..<3148, 6148..<9148])
    }

    @Test func `speech at the border of a window counts for both sides`() throws {
        let network = network(saying: [time(0), 1, time(29)], sure: 30)
        var pipeline = pipeline(network, seconds: 60, activity(60, speech: [0.5..<5, 29.4..<29.8]))
        _ = try pipeline.run()
        #expect(network.encoded == [0..<3000, 3000..<6000])
    }

    @Test func `the language is heard where the first speech is`() throws {
        let german = Text.special.firstLanguage + 2
        let network = ScriptedNetwork { window, tokens in
            if tokens == [Text.special.startOfTranscript] { return [window < 3000 ? 50259 : german: 10] }
            return [Text.special.endOfText: 10]
        }
        var pipeline = pipeline(network, seconds: 60, language: nil, activity(60, speech: [40..<45], doubt: [3..<4]))
        #expect(try pipeline.run().language == "de")
    }

    @Test func `text where nobody speaks is dropped only if the decoder doubts it`() throws {
        let text = [time(0), 1, 2, 3, time(2)]
        for (sure, isKept) in [(30, true), (9.35, false)] as [(Float, Bool)] {
            var pipeline = pipeline(
                network(saying: text, sure: sure),
                seconds: 8,
                activity(8, speech: [], doubt: [1..<2])
            )
            #expect(try pipeline.run().segments.isEmpty != isKept)
        }
    }

    @Test func `doubtful text where somebody speaks is kept`() throws {
        let network = network(saying: [time(0), 1, 2, 3, time(2)], sure: 9.35)
        var pipeline = pipeline(network, seconds: 8, activity(8, speech: [1..<2]))
        let segments = try pipeline.run().segments
        #expect(segments.map(\.text) == [" wb wc wd"])
        #expect(-1..<(-0.8) ~= segments[0].averageLogProbability)
    }

    @Test func `with speech elsewhere in the window, text without any must be more doubtful to go`() {
        let gate = VoiceActivityGate(activity: activity(20, speech: [10..<12]))
        let window = AudioWindow(start: 0, count: 2000)
        func result(_ logProbability: Float, _ noSpeech: Float) -> DecodingResult {
            DecodingResult(
                tokens: [],
                text: "",
                temperature: 0,
                averageLogProbability: logProbability,
                noSpeechProbability: noSpeech,
                compressionRatio: 1
            )
        }
        func piece(_ start: Double, _ end: Double) -> WindowCut.TimedTokens {
            WindowCut.TimedTokens(start: start, end: end, tokens: [])
        }
        #expect(!gate.isInvented(piece(0, 5), of: window, result(-0.9, 0.55), text: " Thank you."))
        #expect(gate.isInvented(piece(0, 5), of: window, result(-1.1, 0), text: " Thank you."))
        #expect(!gate.isInvented(piece(0, 5), of: window, result(-0.2, 0.7), text: " Thank you."))
        #expect(!gate.isInvented(piece(0, 9.6), of: window, result(-1.1, 0.9), text: " Thank you."))
        #expect(!gate.isInvented(piece(12.4, 15), of: window, result(-1.1, 0.9), text: " Thank you."))
    }

    @Test func `text that nobody could say is dropped when another witness doubts it too`() {
        let gate = VoiceActivityGate(activity: activity(20, speech: [10..<12]))
        let window = AudioWindow(start: 0, count: 2000)
        let loop = String(repeating: " over and over", count: 12)
        func isInvented(_ start: Double, _ logProbability: Float) -> Bool {
            let result = DecodingResult(
                tokens: [],
                text: loop,
                temperature: 0,
                averageLogProbability: logProbability,
                noSpeechProbability: 0,
                compressionRatio: 9
            )
            let piece = WindowCut.TimedTokens(start: start, end: start + 2, tokens: [])
            return gate.isInvented(piece, of: window, result, text: loop)
        }
        #expect(isInvented(0, -0.1))
        #expect(!isInvented(10, -0.1))
        #expect(isInvented(10, -1.1))
    }

    @Test(arguments: [(52.7, true), (50.0, false)])
    func `more text than anybody says in what is left of a recording is dropped, whoever speaks there`(
        start: Double,
        isInvented: Bool
    ) {
        let gate = VoiceActivityGate(activity: activity(53.2, speech: [40..<53.2]))
        let window = AudioWindow(start: Int(start * 100), count: Int((53.2 - start) * 100))
        let text = " Thou that art now the world's fresh ornament"
        let result = DecodingResult(
            tokens: [],
            text: text,
            temperature: 0,
            averageLogProbability: -0.1,
            noSpeechProbability: 0,
            compressionRatio: 1
        )
        let piece = WindowCut.TimedTokens(start: start, end: 53.2, tokens: [])
        #expect(gate.isInvented(piece, of: window, result, text: text) == isInvented)
    }
}
