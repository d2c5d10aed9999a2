import ElkAudio
import ElkGateway
import ElkModels
import ElkServer
import ElkWire
import FoundationEssentials
import Testing

@testable import elk

/// What the engine answers without any weights.
@Suite(.timeLimit(.minutes(3)))
struct LocalTranscriberTests {
    private func withTranscriber(
        models: [String],
        voices: [String] = [],
        defaultModel: String = "base",
        _ body: (LocalTranscriber) async throws -> Void
    ) async throws {
        let folder = FileManager.default.temporaryDirectory.path() + "elk-command-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for model in models + voices {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(model)", withIntermediateDirectories: true)
        }
        for voice in voices {
            for file in ["\(voice).onnx", "\(voice).onnx.json"] {
                try Data().write(to: URL(filePath: "\(folder)/\(voice)/\(file)"))
            }
        }
        var settings = Settings.Speech()
        settings.defaultModel = defaultModel
        try await body(LocalTranscriber(store: ModelStore(folder: folder), settings: settings))
    }

    private func failure(
        _ transcriber: LocalTranscriber,
        model: String,
        file: String = "/dev/null"
    ) async -> Failure? {
        let job = TranscriptionJob(
            audio: .file(path: file),
            filename: "a.wav",
            model: model,
            task: .transcribe,
            format: .json
        )
        do throws(Failure) {
            _ = try await transcriber.transcribe(job)
            return nil
        } catch {
            return error
        }
    }

    @Test func `whisper-1 stands for the default model when that is installed`() async throws {
        try await withTranscriber(models: ["base", "mine"]) { transcriber in
            #expect(await transcriber.models().map(\.id) == ["whisper-1", "base", "mine"])
        }
        try await withTranscriber(models: ["mine"]) { transcriber in
            #expect(await transcriber.models().map(\.id) == ["mine"])
        }
        try await withTranscriber(models: ["large-v3-turbo"], defaultModel: "turbo") { transcriber in
            #expect(await transcriber.models().map(\.id) == ["whisper-1", "large-v3-turbo"])
        }
    }

    @Test func `a model is called by its exact name, though that is an alias of another`() async throws {
        try await withTranscriber(models: ["large"], defaultModel: "large") { transcriber in
            #expect(await transcriber.models().map(\.id) == ["whisper-1", "large"])
            for name in ["large", "whisper-1"] {
                #expect(await failure(transcriber, model: name)?.status == 400, "it was found: /dev/null is no audio")
            }
        }
    }

    @Test func `a voice that somebody added is no model that transcribes`() async throws {
        try await withTranscriber(models: ["base", "mine"], voices: ["amy"]) { transcriber in
            #expect(await transcriber.models().map(\.id) == ["whisper-1", "base", "mine"])
            #expect(await failure(transcriber, model: "amy") == .unknownModel("amy"))
        }
    }

    @Test(arguments: ["nope", "../etc", "", "base/../base"])
    func `a model that is not there is not found`(name: String) async throws {
        try await withTranscriber(models: ["base"]) { transcriber in
            let failure = await failure(transcriber, model: name)
            #expect(failure?.status == 404)
            #expect(failure?.code == "model_not_found")
        }
    }

    @Test func `a default model that is not installed is unavailable`() async throws {
        try await withTranscriber(models: []) { transcriber in
            let failure = await failure(transcriber, model: "whisper-1")
            #expect(failure?.status == 503)
            #expect(failure?.code == "model_unavailable")
            #expect(failure?.retryAfter != nil)
        }
    }

    @Test func `audio that cannot be decoded is the client's fault, before any model is loaded`() async throws {
        try await withTranscriber(models: ["base"]) { transcriber in
            let failure = await failure(transcriber, model: "base")
            #expect(failure?.status == 400)
            #expect(failure?.message == "The audio file could not be decoded or its format is not supported.")
        }
    }

    @Test func `audio that cannot be decoded counts as refused`() async throws {
        try await withTranscriber(models: ["base"]) { transcriber in
            _ = await failure(transcriber, model: "base")
            let jobs = transcriber.measurements().first { $0.name == "elk_speech_jobs_total" }
            #expect(jobs?.samples.filter { $0.value > 0 }.map(\.labels.first?.value) == ["refused"])
        }
    }

    @Test(
        arguments: [
            (.tooLong, "invalid_value"), (.cancelled, nil), (.noAudio, nil), (.timedOut, nil),
        ] as [(AudioError.Code, String?)]
    )
    func `what is wrong with the audio is no server error`(code: AudioError.Code, wireCode: String?) {
        let failure = Failure(AudioError(code, "x"), limits: AudioLimits())
        #expect((400..<500).contains(failure.status))
        #expect(failure.code == wireCode)
    }

    @Test func `missing audio libraries are the server's fault`() {
        let failure = Failure(AudioError(.unavailable, "x"), limits: AudioLimits())
        #expect(failure.status == 503)
        #expect(failure.type == "server_error")
    }

    @Test func `what cannot be preloaded has its reason`() async throws {
        try await withTranscriber(models: ["base"], voices: ["amy"]) { transcriber in
            let faults = await transcriber.preload(["amy", "nope"])
            #expect(faults.map(\.model) == ["amy", "nope"])
            #expect(faults[0].reason == "it cannot transcribe, and of voices only that of speech.voice is loaded")
            #expect(faults[1].reason.contains("does not exist"))
        }
    }

    private static let models: String = {
        let environment = ProcessInfo.processInfo.environment
        return environment["ELK_TEST_MODELS"] ?? ModelStore.defaultFolder(environment: environment)
    }()

    @Test(.enabled(if: ModelStore(folder: models).find("tiny.en") != nil, "needs tiny.en in ELK_TEST_MODELS"))
    func `of models to preload, those that have no room beside the others are told`() async throws {
        let folder = FileManager.default.temporaryDirectory.path() + "elk-command-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for name in ["one", "other"] {
            try FileManager.default.createSymbolicLink(
                atPath: "\(folder)/\(name)",
                withDestinationPath: Self.models + "/tiny.en"
            )
        }
        for (limit, expected) in [(0, ["one"]), (1 << 30, [])] {
            var settings = Settings.Speech()
            settings.modelMemoryBytes = limit
            let transcriber = LocalTranscriber(store: ModelStore(folder: folder), settings: settings)
            let faults = await transcriber.preload(["one", "other"])
            #expect(faults.map(\.model) == expected)
            #expect(faults.allSatisfy { $0.reason.contains("speech.model_memory_bytes") })
        }
    }

    @Test func `languages are known by code and by name`() async throws {
        try await withTranscriber(models: []) { transcriber in
            #expect(transcriber.languageCode(for: "English") == "en")
            #expect(transcriber.languageCode(for: "de") == "de")
            #expect(transcriber.languageCode(for: "auto") == nil)
            #expect(transcriber.languageCode(for: "zh-tw") == nil)
        }
    }
}
