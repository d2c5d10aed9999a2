import ElkModels
import FoundationEssentials
import Testing

@testable import elk

struct SpeechCheckTests {
    /// What is said on a machine with these models, the warnings marked.
    private func remarks(
        models: [String] = ["base"],
        voices: [String] = ["joe"],
        hasChannels: Bool = false,
        _ change: (inout Settings.Speech) -> Void
    ) throws -> [String] {
        let folder = FileManager.default.temporaryDirectory.path() + "elk-check-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        for model in models + voices {
            try FileManager.default.createDirectory(atPath: "\(folder)/\(model)", withIntermediateDirectories: true)
        }
        for voice in voices {
            for file in ["voice.onnx", "voice.json"] {
                try Data().write(to: URL(filePath: "\(folder)/\(voice)/\(file)"))
            }
        }
        var settings = Settings.Speech()
        change(&settings)
        return SpeechCheck(store: ModelStore(folder: folder), settings: settings, hasChannels: hasChannels)
            .remarks().map { ($0.isWarning ? "! " : "") + $0.text }
    }

    @Test func `where all is there, nothing is said`() throws {
        #expect(try remarks { _ in } == [])
        #expect(try remarks(models: ["large-v3"]) { $0.defaultModel = "large" } == [])
    }

    @Test func `a model is to be pulled only where it is in the catalogue`() throws {
        let missing = "The default speech model base is not installed; get it with: elk models pull base"
        #expect(try remarks(models: []) { _ in } == ["! " + missing])
        #expect(try remarks(models: [], hasChannels: true) { _ in } == [missing])
        let turbo = try remarks { $0.defaultModel = "turbo" }
        #expect(turbo.first?.hasSuffix("get it with: elk models pull large-v3-turbo") == true)
        let nope = try remarks(hasChannels: true) { $0.defaultModel = "nope" }
        #expect(nope == ["! The default speech model nope is not installed; what there is shows: elk models list"])
        #expect(try remarks { $0.defaultModel = "joe" } == ["! speech.default_model: joe cannot transcribe"])
    }

    @Test func `a voice that was chosen and is missing is warned of, the one that nobody chose is not`() throws {
        let joe = "The voice joe is not installed; get it with: elk models pull joe"
        #expect(try remarks(voices: []) { _ in } == [joe])
        let nope = "! The voice nope is not installed; what there is shows: elk models list"
        #expect(try remarks { $0.voice = "nope" } == [nope])
        #expect(try remarks { $0.voice = "base" } == ["! speech.voice: base is no voice"])
    }

    @Test func `a library of eSpeak that cannot be loaded is warned of`() throws {
        let said = try remarks { $0.espeakLibrary = "libno-such-library.so.1" }
        #expect(said.count == 1)
        #expect(said.first?.hasPrefix("! speech.espeak_library: eSpeak NG cannot be loaded (") == true)
    }
}
