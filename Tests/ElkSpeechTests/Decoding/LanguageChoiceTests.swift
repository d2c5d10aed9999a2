import Testing

@testable import ElkSpeech

struct LanguageChoiceTests {
    private typealias Text = ScriptedText
    private let special = ScriptedText.special

    /// Hears, by the first frame of the window, languages with these logits, and says a word in each window.
    private func network(_ heard: [Int: [String: Float]]) -> ScriptedNetwork {
        let special = special
        return ScriptedNetwork { window, tokens in
            if tokens == [special.startOfTranscript] {
                return Dictionary(
                    uniqueKeysWithValues: (heard[window] ?? [:]).compactMap { code, logit in
                        special.token(ofLanguage: code).map { ($0, logit) }
                    }
                )
            }
            return Text.saying([0: [Text.time(0), 1, Text.time(30)], 3000: [Text.time(0), 2, Text.time(9)]])(
                window,
                tokens
            )
        }
    }

    private func transcript(
        _ network: ScriptedNetwork,
        _ change: (inout TranscriptionOptions) -> Void
    ) throws -> Transcript {
        var options = TranscriptionOptions()
        options.beamSize = 1
        change(&options)
        var pipeline = TranscriptionPipeline(
            network: network,
            tokenizer: Text.tokenizer,
            features: MelSpectrogram(bands: 80, frames: 4000, values: [], stride: 7000),
            duration: 40,
            seed: 7,
            options: options
        )
        return try pipeline.run()
    }

    @Test func `only the languages that were named are expected`() throws {
        let heard: [Int: [String: Float]] = [0: ["de": 5, "nl": 4, "en": 1]]
        #expect(try transcript(network(heard)) { _ in }.language == "de")
        let chosen = try transcript(network(heard)) { $0.languages = ["en", "nl", "xx"] }
        #expect(chosen.language == "nl")
        // e⁴ against e¹.
        #expect(abs((chosen.languageProbability ?? 0) - 0.9526) < 0.001)
        #expect(try transcript(network(heard)) { $0.languages = ["xx"] }.language == "de")
    }

    @Test func `each window of a recording in several languages is heard in its own`() throws {
        let heard: [Int: [String: Float]] = [0: ["fr": 20], 3000: ["de": 20]]
        let mixed = network(heard)
        let transcript = try transcript(mixed) { $0.detectsEveryWindow = true }
        #expect(transcript.segments.map(\.language) == ["fr", "de"])
        #expect(transcript.languages == ["fr", "de"])
        let starts = mixed.prompts.filter { $0.count > 1 }.map { $0.suffix(3).first.flatMap { $0 } }
        #expect(starts == [special.startOfTranscript, special.startOfTranscript])
        #expect(mixed.prompts.contains { $0.contains(special.token(ofLanguage: "de") ?? 0) })
        let one = try self.transcript(network(heard)) { _ in }
        #expect(one.languages == ["fr"])
    }

    @Test func `a window whose language is in doubt keeps the one before`() throws {
        let heard: [Int: [String: Float]] = [0: ["fr": 20], 3000: ["de": 1, "fr": 0.9]]
        let transcript = try transcript(network(heard)) { $0.detectsEveryWindow = true }
        #expect(transcript.segments.map(\.language) == ["fr", "fr"])
    }
}
