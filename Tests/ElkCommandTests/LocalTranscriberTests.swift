import ElkAudio
import ElkGateway
import ElkModels
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

    @Test func `languages are known by code and by name`() async throws {
        try await withTranscriber(models: []) { transcriber in
            #expect(transcriber.languageCode(for: "English") == "en")
            #expect(transcriber.languageCode(for: "de") == "de")
            #expect(transcriber.languageCode(for: "auto") == nil)
            #expect(transcriber.languageCode(for: "zh-tw") == nil)
        }
    }
}
