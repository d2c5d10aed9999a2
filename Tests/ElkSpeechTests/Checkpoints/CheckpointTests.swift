import Synchronization
import Testing

@testable import ElkSpeech

/// A job that is cut off after any of its windows and goes on from its log is one that was never cut off.
struct CheckpointTests {
    private typealias Text = ScriptedText

    private static func time(_ seconds: Double) -> Int { Text.time(seconds) }

    /// Says in every window one or two words that depend on where it is and on what was said before.
    private static func network() -> ScriptedNetwork {
        let network = ScriptedNetwork { window, tokens in
            guard let start = tokens.firstIndex(of: Text.special.startOfTranscript) else { return [:] }
            let said = tokens.count - start - 3
            guard said >= 0 else { return [:] }
            let context = tokens[..<start].reduce(0) { ($0 &* 31 &+ $1) % 997 }
            let text = [
                time(0), 100 + window % 331, time(12), time(12), 500 + context, 700 + window % 97, time(23), time(23),
            ]
            return [said < text.count ? text[said] : Text.special.endOfText: 10]
        }
        network.alignment = { tokens in
            var scores = [Float](repeating: 0, count: tokens.count * 1500)
            for row in 3..<tokens.count - 1 {
                for step in (row - 3) * 200..<(row - 2) * 200 { scores[row * 1500 + step] = 12 }
            }
            return Alignment(probabilities: [Float](repeating: 0.5, count: tokens.count - 1), scores: scores, heads: 1)
        }
        return network
    }

    private static func pipeline(
        seconds: Double = 110,
        seed: UInt64 = 7,
        _ change: (inout TranscriptionOptions) -> Void = { _ in }
    ) -> TranscriptionPipeline {
        var options = TranscriptionOptions()
        options.language = "en"
        options.beamSize = 1
        change(&options)
        let frames = Int(seconds * 100)
        return TranscriptionPipeline(
            network: network(),
            tokenizer: Text.tokenizer,
            features: MelSpectrogram(bands: 80, frames: frames, values: [], stride: frames + 3000),
            duration: seconds,
            seed: seed,
            options: options
        )
    }

    /// Runs until the checkpoint of that number (from 1) is in the log, or to the end.
    private static func run(
        _ pipeline: TranscriptionPipeline,
        cutAfter cut: Int = .max,
        log bytes: inout [UInt8]
    ) throws -> (transcript: Transcript?, told: [Segment]) {
        var pipeline = pipeline
        var log = CheckpointLog(label: "m", reading: bytes)
        bytes.removeLast(bytes.count - log.intactLength)
        pipeline.checkpoint = log.checkpoint(ofPart: 0)
        var count = 0
        var told: [Segment] = []
        var written = bytes
        pipeline.onSegment = { told.append($0) }
        pipeline.onCheckpoint = { checkpoint in
            written += log.record(checkpoint, ofPart: 0)
            log.wrote(checkpoint, ofPart: 0)
            count += 1
        }
        pipeline.isCancelled = { count >= cut }
        var transcript: Transcript?
        do throws(SpeechError) {
            transcript = try pipeline.run()
        } catch {
            #expect(error == .cancelled)
        }
        bytes = written
        return (transcript, told)
    }

    private static let variants: [@Sendable (inout TranscriptionOptions) -> Void] = [
        { _ in },
        { $0.wordTimestamps = true },
        {
            $0.prompt = "wj"
            $0.carryInitialPrompt = true
            $0.keywords = ["wb"]
        },
        { $0.prompt = "wj" },
        {
            $0.temperature = 0.7
            $0.logProbabilities = true
        },
    ]

    @Test(arguments: variants.indices)
    func `a job that is cut after any window says what it would have said`(variant: Int) throws {
        let pipeline = Self.pipeline(Self.variants[variant])
        var whole: [UInt8] = []
        let expected = try Self.run(pipeline, log: &whole)
        let transcript = try #require(expected.transcript)
        #expect(transcript.segments.count > 6)
        for cut in 1...4 {
            var log: [UInt8] = []
            #expect(try Self.run(pipeline, cutAfter: cut, log: &log).transcript == nil)
            let resumed = try Self.run(pipeline, log: &log)
            #expect(resumed.transcript == transcript)
            #expect(resumed.told == expected.told)
            #expect(log == whole)
        }
    }

    @Test func `a job that is cut after each window comes to the same end`() throws {
        let pipeline = Self.pipeline { $0.wordTimestamps = true }
        var whole: [UInt8] = []
        let expected = try Self.run(pipeline, log: &whole).transcript
        var log: [UInt8] = []
        var last: Transcript?
        for _ in 0..<20 where last == nil { last = try Self.run(pipeline, cutAfter: 1, log: &log).transcript }
        #expect(last == expected)
    }

    @Test func `a finished job has nothing left to do`() throws {
        let pipeline = Self.pipeline()
        var log: [UInt8] = []
        let first = try Self.run(pipeline, log: &log)
        var again = pipeline
        again.checkpoint = CheckpointLog(label: "m", reading: log).checkpoint(ofPart: 0)
        let network = try #require(again.network as? ScriptedNetwork)
        let encoded = network.encoded.count
        #expect(try again.run() == first.transcript)
        #expect(network.encoded.count == encoded)
    }

    @Test func `what a crash left of the last record is passed over`() throws {
        let pipeline = Self.pipeline()
        var whole: [UInt8] = []
        let expected = try Self.run(pipeline, log: &whole).transcript
        for length in stride(from: 0, to: whole.count, by: 7) {
            var log = Array(whole[..<length])
            #expect(CheckpointLog(label: "m", reading: log).intactLength <= length)
            #expect(try Self.run(pipeline, log: &log).transcript == expected)
            #expect(log == whole)
        }
    }

    @Test(arguments: 1...8)
    func `no damage leads astray or ends the process`(seed: UInt64) throws {
        let pipeline = Self.pipeline { $0.wordTimestamps = true }
        var whole: [UInt8] = []
        let expected = try Self.run(pipeline, log: &whole).transcript
        var generator = SeededGenerator(recording: seed, window: 0, temperature: 0, row: 0)
        for _ in 0..<40 {
            var log = whole
            for _ in 0..<Int.random(in: 1...4, using: &generator) {
                log[Int.random(in: log.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            #expect(try Self.run(pipeline, log: &log).transcript == expected)
        }
    }

    /// With checksums that are right.
    @Test(arguments: 1...8)
    func `a forged log does no harm`(seed: UInt64) throws {
        let pipeline = Self.pipeline()
        var whole: [UInt8] = []
        _ = try Self.run(pipeline, cutAfter: 2, log: &whole)
        let good = try #require(CheckpointLog(label: "m", reading: whole).checkpoint(ofPart: 0))
        var generator = SeededGenerator(recording: seed, window: 1, temperature: 0, row: 0)
        for _ in 0..<40 {
            var forged = good
            let number = Int(truncatingIfNeeded: UInt64.random(in: .min ... .max, using: &generator))
            switch Int.random(in: 0..<9, using: &generator) {
            case 0: forged.position = number
            case 1: forged.said = [number]
            case 2: forged.shortMoves = number
            case 3: forged.lastLanguage = "xx"
            case 4: forged.segments[0].start = Double(bitPattern: UInt64(truncatingIfNeeded: number))
            case 5: forged.segments[0].tokens = [number]
            case 6: forged.lastSpeech = .nan
            case 7: forged.frames = number
            default: forged.segments[0].id = number
            }
            var run = pipeline
            run.checkpoint = CheckpointLog(
                label: "m",
                reading: CheckpointLog(label: "m").record(forged, ofPart: 0)
            ).checkpoint(ofPart: 0)
            let transcript = try run.run()
            #expect(transcript.segments.allSatisfy { $0.start <= $0.end && $0.end <= 170 })
        }
    }

    @Test func `random bytes are an empty log`() {
        var generator = SeededGenerator(recording: 3, window: 0, temperature: 0, row: 0)
        for length in 0..<300 {
            let bytes = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
            #expect(CheckpointLog(label: "m", reading: bytes).intactLength == 0)
        }
    }

    @Test func `another recording, another model and another length begin anew`() throws {
        var log: [UInt8] = []
        _ = try Self.run(Self.pipeline(), cutAfter: 2, log: &log)
        let checkpoint = try #require(CheckpointLog(label: "m", reading: log).checkpoint(ofPart: 0))
        #expect(CheckpointLog(label: "other", reading: log).checkpoint(ofPart: 0) == nil)
        #expect(CheckpointLog(label: "other", reading: log).intactLength == 0)
        for other in [Self.pipeline(seed: 8), Self.pipeline(seconds: 100)] {
            var (plain, resumed) = (other, other)
            resumed.checkpoint = checkpoint
            #expect(try resumed.run() == plain.run())
        }
    }

    @Test func `parts of a recording have checkpoints of their own`() throws {
        var log: [UInt8] = []
        _ = try Self.run(Self.pipeline(), cutAfter: 2, log: &log)
        let first = try #require(CheckpointLog(label: "m", reading: log).checkpoint(ofPart: 0))
        var second = first
        second.segments.removeLast()
        second.position += 1
        log += CheckpointLog(label: "m", reading: log).record(second, ofPart: 1)
        let read = CheckpointLog(label: "m", reading: log)
        #expect(read.intactLength == log.count)
        #expect(read.checkpoint(ofPart: 0) == first)
        #expect(read.checkpoint(ofPart: 1) == second)
        #expect(read.checkpoint(ofPart: 2) == nil)
    }

    @Test func `the language of each window is remembered`() throws {
        let special = Text.special
        let german = try #require(special.token(ofLanguage: "de"))
        func pipeline() -> TranscriptionPipeline {
            var options = TranscriptionOptions()
            options.beamSize = 1
            options.languages = ["en", "de"]
            options.detectsEveryWindow = true
            let network = ScriptedNetwork { window, tokens in
                guard tokens.count > 1, tokens.contains(special.transcribe) else {
                    return [window < 3000 ? special.firstLanguage : german: 20]
                }
                let said = tokens.count - (tokens.firstIndex(of: special.startOfTranscript) ?? 0) - 3
                let text = [Self.time(0), 100 + window % 331, Self.time(29)]
                return [said >= 0 && said < text.count ? text[said] : special.endOfText: 10]
            }
            return TranscriptionPipeline(
                network: network,
                tokenizer: Text.tokenizer,
                features: MelSpectrogram(bands: 80, frames: 12_000, values: [], stride: 15_000),
                duration: 120,
                seed: 7,
                options: options
            )
        }
        var whole: [UInt8] = []
        let expected = try #require(try Self.run(pipeline(), log: &whole).transcript)
        #expect(expected.languages == ["en", "de"])
        for cut in 1...3 {
            var log: [UInt8] = []
            _ = try Self.run(pipeline(), cutAfter: cut, log: &log)
            #expect(try Self.run(pipeline(), log: &log).transcript == expected)
        }
    }
}

/// The same with real weights on more than 30 s.
@Suite(
    .enabled(if: InstalledModels.path("tiny.en") != nil, InstalledModels.missing("tiny.en")),
    .enabled(if: SharedSpeech.samples != nil, SharedSpeech.missing)
)
struct RealCheckpointTests {
    @Test func `a real recording that is cut off goes on as if it had not been`() throws {
        let speech = try #require(SharedSpeech.samples)
        let samples = speech + speech + speech + speech + speech.prefix(80_000)
        let model = try WhisperModel(contentsOf: InstalledModels.folder + "/tiny.en", threads: 2)
        var options = TranscriptionOptions()
        options.beamSize = 1
        options.wordTimestamps = true
        let session = WhisperSession(model)
        let whole = try session.transcribe(samples, options: options)
        #expect(whole.duration > 45)
        var saved: TranscriptionCheckpoint?
        let isCut = CutOff()
        #expect(throws: SpeechError.cancelled) {
            try session.transcribe(
                samples,
                options: options,
                isCancelled: { isCut.isSet },
                onCheckpoint: { checkpoint in
                    saved = checkpoint
                    isCut.set()
                }
            )
        }
        let record = CheckpointLog(label: "m").record(try #require(saved), ofPart: 0)
        let checkpoint = CheckpointLog(label: "m", reading: record).checkpoint(ofPart: 0)
        #expect(checkpoint == saved)
        let resumed = try WhisperSession(model).transcribe(samples, options: options, from: checkpoint)
        // Not the probabilities: tests beside this one change the level of the kernels, and with it the last digits.
        #expect(resumed.segments.map(\.text) == whole.segments.map(\.text))
        #expect(resumed.segments.map(\.id) == whole.segments.map(\.id))
    }
}

private final class CutOff: Sendable {
    private let flag = Mutex(false)
    var isSet: Bool { flag.withLock { $0 } }
    func set() { flag.withLock { $0 = true } }
}
