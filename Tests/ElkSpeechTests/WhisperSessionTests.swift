import Testing

@testable import ElkSpeech

/// Whole transcriptions with real weights.
@Suite(
    .enabled(if: InstalledModels.path("tiny.en") != nil, InstalledModels.missing("tiny.en")),
    .enabled(if: SharedSpeech.samples != nil, SharedSpeech.missing)
)
struct WhisperSessionTests {
    @Test func `sessions of one model transcribe at the same time and hear what one hears alone`() async throws {
        let samples = try #require(SharedSpeech.samples)
        let model = try WhisperModel(contentsOf: InstalledModels.folder + "/tiny.en", threads: 2)
        @Sendable func transcribe() throws -> Transcript {
            var options = TranscriptionOptions()
            options.beamSize = 2
            options.wordTimestamps = true
            return try WhisperSession(model).transcribe(samples, options: options)
        }
        let together = try await withThrowingTaskGroup(of: Transcript.self) { group in
            for _ in 0..<2 { group.addTask { try transcribe() } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        let alone = try transcribe()
        #expect(alone.text.contains("what you can do for your country"))
        #expect(alone.segments.contains { $0.words?.isEmpty == false })
        // Not the probabilities: tests beside this one change the level of the kernels, and with it the last digits.
        #expect(together.map(\.text) == [alone.text, alone.text])
    }
}
