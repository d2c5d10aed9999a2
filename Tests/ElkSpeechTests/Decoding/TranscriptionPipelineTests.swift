import Testing

@testable import ElkSpeech

struct TranscriptionPipelineTests {
    private typealias Text = ScriptedText
    private let end = ScriptedText.special.endOfText

    private func time(_ seconds: Double) -> Int { Text.time(seconds) }

    private func pipeline(
        _ network: ScriptedNetwork,
        seconds: Double,
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
            options: options
        )
    }

    @Test func `a recording is decoded window by window with what was said before`() throws {
        let first = [time(0), 1, 2, time(20), time(20), 3, time(25), time(25)]
        let second = [time(0), 4, time(9)]
        let network = ScriptedNetwork(Text.saying([0: first, 2500: second]))
        var pipeline = pipeline(network, seconds: 40) { $0.prompt = "wj" }
        var heard: [Segment] = []
        var progress: [Double] = []
        pipeline.onSegment = { heard.append($0) }
        pipeline.onProgress = { progress.append($0) }
        let transcript = try pipeline.run()

        #expect(network.encoded == [0..<3000, 2500..<4000])
        #expect(transcript.segments == heard)
        #expect(heard.map(\.id) == [0, 1, 2])
        #expect(heard.map(\.text) == [" wb wc", " wd", " we"])
        #expect(heard.map(\.start) == [0, 20, 25])
        #expect(heard.map(\.end) == [20, 25, 34])
        #expect(heard.map(\.seek) == [0, 0, 2500])
        #expect(heard[1].tokens == [time(20), 3, time(25)])
        #expect(progress == [25, 40])
        #expect(transcript.language == "en")
        #expect(transcript.languageProbability == nil)
        let start = [50258, 50259, 50359]
        let said = [9, time(0), 1, 2, time(20), time(20), 3, time(25)]
        #expect(network.prompts == [[50361, 9] + start, [50361] + said + start])
    }

    @Test func `without conditioning the next window starts afresh`() throws {
        let network = ScriptedNetwork(
            Text.saying([0: [time(0), 1, time(20), time(20)], 2000: [time(0), 2, time(9)]])
        )
        var pipeline = pipeline(network, seconds: 40) {
            $0.conditionOnPreviousText = false
            $0.prompt = "wj"
        }
        _ = try pipeline.run()
        #expect(network.prompts.map(\.count) == [5, 3])
    }

    @Test func `a carried prompt is in front of every window`() throws {
        let network = ScriptedNetwork(
            Text.saying([0: [time(0), 1, time(20), time(20)], 2000: [time(0), 2, time(9)]])
        )
        var pipeline = pipeline(network, seconds: 40) {
            $0.carryInitialPrompt = true
            $0.conditionOnPreviousText = false
            $0.prompt = "wj"
        }
        _ = try pipeline.run()
        #expect(network.prompts.map { Array($0.prefix(2)) } == [[50361, 9], [50361, 9]])
    }

    @Test func `text that took a high temperature is not passed on`() throws {
        let network = ScriptedNetwork(
            Text.saying([0: [time(0), 1, time(20), time(20)], 2000: [time(0), 2, time(9)]])
        )
        var trusted = pipeline(network, seconds: 40) { $0.temperature = 0.5 }
        _ = try trusted.run()
        var untrusted = pipeline(network, seconds: 40) { $0.temperature = 0.6 }
        let transcript = try untrusted.run()
        #expect(network.prompts.map(\.count) == [3, 7, 3, 3])
        #expect(transcript.segments.map(\.temperature) == [0.6, 0.6])
    }

    @Test func `silence is passed over`() throws {
        // No speech is certain, and what could be sampled is as good as anything else.
        let network = ScriptedNetwork { window, tokens in
            if window == 0 { return tokens.count == 1 ? [Text.special.noSpeech: 20] : [:] }
            return Text.saying([3000: [time(0), 2, time(3)]])(window, tokens)
        }
        var pipeline = pipeline(network, seconds: 35)
        let transcript = try pipeline.run()
        #expect(network.encoded == [0..<3000, 3000..<3500])
        #expect(transcript.segments.map(\.text) == [" wc"])
        // One try for each window: silence needs no fallback.
        #expect(network.prompts.count == 2)
    }

    @Test func `blank segments are dropped and neither counted nor passed on`() throws {
        let first = [time(0), Text.blank, time(1), time(1), 5, time(20), time(20)]
        let network = ScriptedNetwork(Text.saying([0: first, 2000: [time(0), 6, time(2)]]))
        var pipeline = pipeline(network, seconds: 40)
        let segments = try pipeline.run().segments
        #expect(segments.map(\.text) == [" wf", " wg"])
        #expect(segments.map(\.id) == [0, 1])
        #expect(network.prompts[1].prefix(4) == [50361, time(1), 5, time(20)])
    }

    @Test func `times stay inside the recording`() throws {
        let network = ScriptedNetwork(Text.saying([0: [time(0), 1, time(4), time(4), 2, time(12)]]))
        var pipeline = pipeline(network, seconds: 10)
        #expect(try pipeline.run().segments.map(\.end) == [4, 10])
    }

    @Test func `the language is heard in the first window, which is encoded once`() throws {
        let network = ScriptedNetwork { window, tokens in
            // Japanese, twice as likely as German; the unlikely rest does not count.
            if tokens.count == 1 { return [50266: 0.6931472, 50261: 0, Text.special.noSpeech: 90] }
            return Text.saying([0: [time(0), 1, time(4)]])(window, tokens)
        }
        var pipeline = pipeline(network, seconds: 10) {
            $0.language = nil
            $0.window = .full
        }
        let transcript = try pipeline.run()
        #expect(transcript.language == "ja")
        #expect(abs((transcript.languageProbability ?? 0) - 2 / 3) < 1e-3)
        #expect(network.encoded == [0..<1000])
        #expect(network.prompts == [[50258], [50258, 50266, 50359]])
    }

    @Test func `the silence behind a short recording is computed coarsely`() throws {
        let network = ScriptedNetwork(Text.saying([0: [time(0), 1, time(4)]]))
        var pipeline = pipeline(network, seconds: 11) { $0.window = .fit }
        #expect(try pipeline.run().segments.map(\.text) == [" wb"])
        #expect(network.lengths == [1300])
        #expect(network.prompts.count == 1)
    }

    @Test func `what is in doubt is heard again in the full window`() throws {
        // Beside coarse silence the first word comes again and again.
        let network = ScriptedNetwork { window, tokens in
            Text.saying([0: [time(0), 1, time(4)]])(window, tokens)
        }
        network.scriptBesideCoarse = { _, tokens in [tokens.count == 3 ? time(0) : 1: 30] }
        var pipeline = pipeline(network, seconds: 6) { $0.window = .fit }
        #expect(try pipeline.run().segments.map(\.text) == [" wb"])
        #expect(network.lengths == [800, 3000])
        // The first try gives up long before the decoder's positions are used up.
        #expect(network.steps < 100)
    }

    @Test func `a language that is not clear beside coarse silence is asked for in the full window`() throws {
        func run(_ logit: Float) throws -> (lengths: [Int], language: String) {
            let network = ScriptedNetwork { window, tokens in
                if tokens.count == 1 { return [50266: logit, 50261: 0, 50262: 0] }
                return Text.saying([0: [time(0), 1, time(4)]])(window, tokens)
            }
            var pipeline = pipeline(network, seconds: 10) {
                $0.language = nil
                $0.window = .fit
            }
            let transcript = try pipeline.run()
            return (network.lengths, transcript.language)
        }
        #expect(try run(3) == ([1200], "ja"))
        #expect(try run(0.5) == ([1200, 3000], "ja"))
    }

    @Test func `a temperature that the caller names is tried in the full window`() throws {
        let network = ScriptedNetwork(Text.saying([0: [time(0), 1, time(4)]]))
        var pipeline = pipeline(network, seconds: 11) {
            $0.window = .fit
            $0.temperature = 0.5
        }
        _ = try pipeline.run()
        #expect(network.lengths == [3000])
    }

    @Test func `an English-only model answers English and cannot translate`() throws {
        let special = SpecialTokens(vocabularySize: 51864)
        let tokenizer = try Tokenizer(vocabulary: (0..<50256).map { Array(" w\($0)".utf8) }, size: 51864)
        let network = ScriptedNetwork(vocabulary: 51864) { _, tokens in
            [
                [special.firstTimestamp, 1, special.firstTimestamp + 100, special.endOfText][min(tokens.count - 1, 3)]:
                    10
            ]
        }
        func run(_ task: Transcript.Task) throws(SpeechError) -> Transcript {
            var options = TranscriptionOptions()
            options.task = task
            options.language = "de"
            var pipeline = TranscriptionPipeline(
                network: network,
                tokenizer: tokenizer,
                features: MelSpectrogram(bands: 80, frames: 500, values: [], stride: 3500),
                duration: 5,
                seed: 1,
                options: options
            )
            return try pipeline.run()
        }
        let transcript = try run(.transcribe)
        #expect(transcript.language == "en")
        #expect(transcript.segments.map(\.text) == [" w1"])
        #expect(network.prompts == [[50257]])
        #expect(throws: SpeechError.translationNeedsMultilingualModel) { try run(.translate) }
    }

    @Test func `an unknown language is refused`() {
        var pipeline = pipeline(ScriptedNetwork { _, _ in [:] }, seconds: 5) { $0.language = "xx" }
        #expect(throws: SpeechError.unknownLanguage("xx")) { try pipeline.run() }
    }

    @Test func `a recording that is too short for a window has no text`() throws {
        let network = ScriptedNetwork { _, _ in [:] }
        var pipeline = pipeline(network, seconds: 0.05) { $0.language = nil }
        #expect(try pipeline.run().segments.isEmpty)
        #expect(network.encoded.isEmpty)
    }

    @Test func `cancelling stops before the next step`() {
        let network = ScriptedNetwork { _, tokens in [tokens.count == 3 ? time(0) : 5: 10] }
        var pipeline = pipeline(network, seconds: 60)
        pipeline.isCancelled = { network.steps == 4 }
        #expect(throws: SpeechError.cancelled) { try pipeline.run() }
        #expect(network.steps == 4)
        #expect(network.encoded.count == 1)
    }

    @Test func `cancelling before anything was done computes nothing`() {
        let network = ScriptedNetwork { _, _ in [:] }
        var pipeline = pipeline(network, seconds: 60) { $0.language = nil }
        pipeline.isCancelled = { true }
        #expect(throws: SpeechError.cancelled) { try pipeline.run() }
        #expect(network.encoded.isEmpty)
        #expect(network.prompts.isEmpty)
    }

    @Test func `a text without an end stops at half of the decoder's positions`() throws {
        let network = ScriptedNetwork { _, tokens in [tokens.count == 3 ? time(0) : 100 + tokens.count: 30] }
        var pipeline = pipeline(network, seconds: 30) { $0.temperature = 0.1 }
        let transcript = try pipeline.run()
        #expect(transcript.segments.map(\.tokens.count) == [224])
    }

    @Test(arguments: [1, 5])
    func `a loop is given up long before the decoder's positions are used up`(
        beamSize: Int
    ) throws {
        let network = ScriptedNetwork { _, tokens in
            let words = [1, 2, 3, 4, 5]
            return [tokens.count == 3 ? time(0) : words[tokens.count % 5]: 30]
        }
        var pipeline = pipeline(network, seconds: 5) { $0.beamSize = beamSize }
        let transcript = try pipeline.run()
        #expect(transcript.segments.allSatisfy { $0.compressionRatio > 2.4 && $0.tokens.count >= 40 })
        // Beside coarse silence, and in the full window at six temperatures, none of which helps.
        #expect(network.prompts.count == 7)
        #expect(network.steps < 7 * 60)
    }

    @Test func `sampling gives the same text every time`() throws {
        func text(seed: UInt64) throws -> [Segment] {
            let network = ScriptedNetwork { _, tokens in
                tokens.count == 3 ? [time(0): 5] : tokens.count < 30 ? [1: 5, 2: 5, 3: 5] : [end: 5]
            }
            var options = TranscriptionOptions()
            options.language = "en"
            options.temperature = 0.8
            var pipeline = TranscriptionPipeline(
                network: network,
                tokenizer: Text.tokenizer,
                features: MelSpectrogram(bands: 80, frames: 900, values: [], stride: 3900),
                duration: 9,
                seed: seed,
                options: options
            )
            return try pipeline.run().segments
        }
        #expect(try text(seed: 1) == text(seed: 1))
        #expect(try text(seed: 1) != text(seed: 2))
    }

    @Test func `a damaged network ends without text and without a crash`() throws {
        let network = ScriptedNetwork(background: .nan) { _, _ in [:] }
        var pipeline = pipeline(network, seconds: 5) {
            $0.language = nil
            $0.beamSize = 5
        }
        #expect(try pipeline.run().segments.isEmpty)
    }

    @Test(arguments: 1...12)
    func `whatever the network says, the segments are in order and inside the recording`(seed: UInt64) throws {
        var generator = SeededGenerator(recording: seed, window: 0, temperature: 0, row: 0)
        let network = ScriptedNetwork { _, tokens in
            var logits: [Int: Float] = [:]
            for _ in 0..<20 {
                logits[Int.random(in: 0..<51865, using: &generator)] = .random(in: 0..<12, using: &generator)
            }
            for _ in 0..<20 {
                logits[Int.random(in: 50364..<51865, using: &generator)] = .random(in: 0..<9, using: &generator)
            }
            logits[end] = tokens.count > 20 ? 15 : 5
            return logits
        }
        network.alignment = { tokens in
            let scores = (0..<tokens.count * 1500).map { _ in Float.random(in: 0..<9, using: &generator) }
            return Alignment(probabilities: [Float](repeating: 0.5, count: tokens.count - 1), scores: scores, heads: 1)
        }
        var pipeline = pipeline(network, seconds: 31.4) {
            $0.wordTimestamps = seed.isMultiple(of: 2)
            $0.beamSize = 1 + Int(seed % 5)
            $0.patience = [1, 2, .nan, 1e30][Int(seed % 4)]
            $0.maxInitialTimestamp = seed == 3 ? .nan : 1
            $0.logProbabilityThreshold = seed < 10 ? -9 : -1
        }
        let segments = try pipeline.run().segments
        #expect(segments.map(\.id) == Array(segments.indices))
        for segment in segments {
            #expect(0 <= segment.start && segment.start <= segment.end && segment.end <= 31.4)
            #expect(segment.averageLogProbability.isFinite && segment.noSpeechProbability.isFinite)
            for word in segment.words ?? [] {
                #expect(0 <= word.start && word.start <= word.end && word.end <= 31.4)
                #expect(word.probability.isFinite)
            }
        }
        #expect(network.encoded.count < 40)
    }
}
