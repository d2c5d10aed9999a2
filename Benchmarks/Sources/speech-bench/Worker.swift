import CCeilings
import ElkAudio
import ElkSpeech
import Foundation

/// Holds a loaded model, if it was given one, and does what a command asks.
struct Worker {
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private let session: WhisperSession?
    private let shape: Shape?
    private var samples: [String: [Float]] = [:]

    init(arguments: [String]) throws {
        guard !arguments.isEmpty else {
            (session, shape) = (nil, nil)
            return
        }
        guard arguments.count == 3, let threads = Int(arguments[2]) else {
            throw Fault(description: "expected a model, a precision and a number of threads")
        }
        let model: WhisperModel
        if arguments[1] == "default" {
            model = try WhisperModel(contentsOf: arguments[0], threads: threads)
        } else {
            guard let precision = WeightPrecision(rawValue: arguments[1]) else {
                throw Fault(description: "unknown precision \(arguments[1])")
            }
            model = try WhisperModel(contentsOf: arguments[0], precision: precision, threads: threads)
        }
        session = WhisperSession(model, voiceActivity: try Self.voiceActivity(beside: arguments[0]))
        shape = Shape(model.shape)
    }

    /// The detector that the server would use: from the store that the model lies in.
    private static func voiceActivity(beside model: String) throws -> VoiceActivityDetector {
        let store = URL(fileURLWithPath: model).deletingLastPathComponent()
        let path = store.appendingPathComponent("silero-vad/silero_vad_16k.safetensors").path
        guard FileManager.default.isReadableFile(atPath: path) else { return .byLoudness }
        return try VoiceActivityDetector(contentsOf: path)
    }

    mutating func answer(_ command: Command) throws -> Answer {
        switch command.action {
        case .transcribe: try transcribe(command, TranscriptionOptions())
        case .forced: try transcribe(command, Self.forced)
        case .ceilings: ceilings(command)
        case .decode: try decode(command)
        }
    }

    /// No try fails, so there is one; without timestamps the whole window is one segment of as many tokens as may be.
    private static var forced: TranscriptionOptions {
        var options = TranscriptionOptions()
        options.timestamps = false
        options.logProbabilityThreshold = -.infinity
        options.compressionRatioThreshold = .infinity
        options.noSpeechThreshold = .infinity
        options.skipsSilence = false
        return options
    }

    /// The fastest of the tries that the command asks for.
    private mutating func transcribe(_ command: Command, _ options: TranscriptionOptions) throws -> Answer {
        guard let session, let file = command.samples else { throw Fault(description: "no model or no samples") }
        var options = options
        options.language = "en"
        options.beamSize = command.beam ?? 1
        if command.action == .transcribe { options.window = command.window == "full" ? .full : .fit }
        let recording = try load(file)
        let tries = try (0..<max(1, command.tries ?? 1)).map { _ in try transcribe(recording, options, with: session) }
        return tries.min { ($0.seconds ?? 0) < ($1.seconds ?? 0) } ?? Answer()
    }

    private func transcribe(
        _ recording: [Float],
        _ options: TranscriptionOptions,
        with session: WhisperSession
    ) throws -> Answer {
        let before = session.times
        let clock = ContinuousClock()
        let start = clock.now
        let transcript = try session.transcribe(recording, options: options)
        let seconds = (clock.now - start) / .seconds(1)
        return Answer(
            seconds: seconds,
            text: transcript.text,
            stages: Stages(from: before, to: session.times),
            shape: shape
        )
    }

    private mutating func load(_ file: String) throws -> [Float] {
        if let known = samples[file] { return known }
        let data = try Data(contentsOf: URL(fileURLWithPath: file))
        let values = data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
        samples[file] = values
        return values
    }

    private func ceilings(_ command: Command) -> Answer {
        let kinds: [(String, ceiling_kind)] = [
            ("int8", CEILING_INT8), ("int16", CEILING_INT16), ("bf16", CEILING_BF16), ("f32", CEILING_F32),
            ("exp", CEILING_EXP),
        ]
        let threads = Int32(clamping: command.threads ?? 1)
        var answer = Answer(rates: [:], instructions: [:])
        for (name, kind) in kinds {
            answer.rates?[name] = ceiling_rate(kind, threads)
            answer.instructions?[name] = String(cString: ceiling_instructions(kind))
        }
        answer.bandwidth = (command.bytes ?? []).map { ceiling_bandwidth($0, threads) }
        answer.bandwidthBehind = command.behind.map {
            ceiling_bandwidth_behind($0.others, $0.bytes, Int32(clamping: $0.passes), threads)
        }
        return answer
    }

    private func decode(_ command: Command) throws -> Answer {
        guard let file = command.file, let target = command.to else { throw Fault(description: "no file or target") }
        let clock = ContinuousClock()
        let start = clock.now
        let audio = try AudioDecoder.decode(.file(path: file))
        let seconds = (clock.now - start) / .seconds(1)
        let data = audio.samples.withUnsafeBytes { Data($0) }
        try data.write(to: URL(fileURLWithPath: target))
        return Answer(seconds: seconds)
    }
}
