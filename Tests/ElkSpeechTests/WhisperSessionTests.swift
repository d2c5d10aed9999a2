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

    @Test func `speech is heard beside coarse silence as in a full window`() throws {
        let samples = try #require(SharedSpeech.samples)
        let model = try WhisperModel(contentsOf: InstalledModels.folder + "/tiny.en", precision: .half, threads: 2)
        func transcribe(_ window: WindowLength) throws -> (transcript: Transcript, windows: Int) {
            let session = WhisperSession(model)
            var options = TranscriptionOptions()
            options.beamSize = 1
            options.window = window
            return (try session.transcribe(samples, options: options), session.times.windows)
        }
        let (full, coarse) = (try transcribe(.full), try transcribe(.fit))
        func words(_ text: String) -> [String] { text.split { !$0.isLetter }.map(String.init) }
        #expect(words(coarse.transcript.text) == words(full.transcript.text))
        #expect(coarse.transcript.segments.count == full.transcript.segments.count)
        for (one, other) in zip(coarse.transcript.segments, full.transcript.segments) {
            #expect(abs(one.end - other.end) < 0.1)
            #expect(abs(one.averageLogProbability - other.averageLogProbability) < 0.05)
        }
        // Nothing was in doubt.
        #expect(coarse.windows == 1)
    }
}
