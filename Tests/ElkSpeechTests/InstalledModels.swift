import Foundation
import Testing

/// Real weights for tests: in the folder that ELK_TEST_MODELS names, else in the default store.
enum InstalledModels {
    static let folder: String = {
        let environment = ProcessInfo.processInfo.environment
        let data = environment["XDG_DATA_HOME"] ?? NSHomeDirectory() + "/.local/share"
        return environment["ELK_TEST_MODELS"] ?? data + "/elk/models"
    }()

    /// The path of a model or of a file in it, nil when it is not installed.
    static func path(_ name: String) -> String? {
        let path = "\(folder)/\(name)"
        return FileManager.default.isReadableFile(atPath: path) ? path : nil
    }

    static func missing(_ name: String) -> Comment {
        "left out: \(name) is not installed; elk models pull \(name), or set ELK_TEST_MODELS to a folder that has it"
    }
}
