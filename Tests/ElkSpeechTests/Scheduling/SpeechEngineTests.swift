import Dispatch
import Synchronization
import Testing

@testable import ElkSpeech

/// Many jobs on one engine, with real weights.
@Suite(
    .enabled(if: InstalledModels.path("tiny.en") != nil, InstalledModels.missing("tiny.en")),
    .enabled(if: SharedSpeech.samples != nil, SharedSpeech.missing),
    .serialized
)
struct SpeechEngineTests {
    private func engine() throws -> SpeechEngine {
        SpeechEngine(try WhisperModel(contentsOf: InstalledModels.folder + "/tiny.en", threads: 2))
    }

    private func transcribe(
        _ samples: [Float],
        _ engine: SpeechEngine,
        beam: Int,
        isCancelled: @escaping @Sendable () -> Bool = { false }
    ) throws -> Transcript {
        var options = TranscriptionOptions()
        options.beamSize = beam
        options.wordTimestamps = beam == 1
        return try WhisperSession(engine).transcribe(samples, options: options, isCancelled: isCancelled)
    }

    @Test(arguments: [1, 5]) func `many jobs at once hear what each hears alone`(beam: Int) async throws {
        let samples = try #require(SharedSpeech.samples)
        let engine = try engine()
        // Cut at different places, so that jobs are in different windows and places of their texts.
        let recordings = (0..<5).map { Array(samples[($0 * 16000)...]) } + [samples + samples + samples]
        let alone = try recordings.map { try transcribe($0, engine, beam: beam) }
        let together = try await withThrowingTaskGroup(of: (Int, Transcript).self) { group in
            for (index, recording) in recordings.enumerated() {
                group.addTask {
                    (index, try await onThread { try transcribe(recording, engine, beam: beam) })
                }
            }
            return try await group.reduce(into: [Int: Transcript]()) { $0[$1.0] = $1.1 }
        }
        for index in recordings.indices {
            #expect(together[index]?.text == alone[index].text)
        }
        #expect(engine.load == 0)
    }

    @Test func `a cancelled job leaves the others alone`() async throws {
        let samples = try #require(SharedSpeech.samples)
        let engine = try engine()
        let expected = try transcribe(samples, engine, beam: 1).text
        try await withThrowingTaskGroup(of: String?.self) { group in
            for index in 0..<6 {
                group.addTask {
                    let asked = Counter()
                    // Every other job is given up, each after another number of questions.
                    let limit = index % 2 == 0 ? .max : 1 + index * 7
                    let transcript = try? await onThread {
                        try transcribe(samples, engine, beam: 1, isCancelled: { asked.next() > limit })
                    }
                    return transcript?.text
                }
            }
            let texts = try await group.reduce(into: []) { $0.append($1) }
            #expect(texts.compactMap { $0 } == Array(repeating: expected, count: 3))
        }
        #expect(engine.load == 0)
        #expect(try transcribe(samples, engine, beam: 1).text == expected)
    }

    /// A detector that was stopped hears nothing: that is no silence.
    @Test func `a job that is cancelled before its speech is found has no text`() throws {
        let samples = try #require(SharedSpeech.samples)
        let session = WhisperSession(try engine(), voiceActivity: .byLoudness)
        for recording in [samples, [Float](repeating: 0, count: 16000 * 40)] {
            #expect(throws: SpeechError.cancelled) {
                try session.transcribe(recording, isCancelled: { true })
            }
        }
    }

    /// Jobs block their threads: others than those that all tests share.
    private func onThread<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            DispatchQueue(label: "job").async { continuation.resume(with: Result { try work() }) }
        }
    }

    private final class Counter: Sendable {
        private let count = Mutex(0)

        func next() -> Int {
            count.withLock { count in
                count += 1
                return count
            }
        }
    }
}
