import ElkSpeech
import ElkVoice
import Foundation
import Testing

/// What tests need that a machine may not have: eSpeak NG, and a voice in the folder that ELK_TEST_MODELS names.
enum InstalledVoices {
    static let hasESpeak = (try? ESpeak.load()) != nil
    static let missingESpeak: Comment = "left out: libespeak-ng1 is not installed"

    static let joe: String? = {
        let environment = ProcessInfo.processInfo.environment
        let data = environment["XDG_DATA_HOME"] ?? NSHomeDirectory() + "/.local/share"
        let folder = (environment["ELK_TEST_MODELS"] ?? data + "/elk/models") + "/joe"
        return FileManager.default.isReadableFile(atPath: folder + "/voice.onnx") ? folder : nil
    }()
    static let missingJoe: Comment = "left out: joe is not installed; elk models pull joe, or set ELK_TEST_MODELS"

    /// The voice's files with a configuration that names another language, in a folder that goes after `body`.
    static func with<Value>(language: String, _ body: (String) throws -> Value) throws -> Value {
        let joe = try #require(joe)
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("elk-voice-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let configuration = try String(contentsOfFile: joe + "/voice.json", encoding: .utf8)
        try configuration.replacingOccurrences(of: "\"en-us\"", with: "\"\(language)\"")
            .write(toFile: folder.path + "/a.onnx.json", atomically: false, encoding: .utf8)
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/a.onnx",
            withDestinationPath: joe + "/voice.onnx"
        )
        return try body(folder.path)
    }
}
