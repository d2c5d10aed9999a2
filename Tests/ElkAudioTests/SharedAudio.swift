import Foundation
import Testing

/// The recordings beside the checkout, which are never committed: `../shared/audio`, or the folder in ELK_TEST_AUDIO.
enum SharedAudio {
    static let folder: String? = {
        let fromEnvironment = ProcessInfo.processInfo.environment["ELK_TEST_AUDIO"]
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let path = fromEnvironment ?? root.appending(path: "../shared/audio").standardizedFileURL.path
        return FileManager.default.fileExists(atPath: path + "/MANIFEST.tsv") ? path : nil
    }()

    static let isPresent = folder != nil

    static let trait: ConditionTrait = .enabled(
        if: isPresent,
        "left out: real recordings. There is no ../shared/audio beside the checkout and ELK_TEST_AUDIO names none"
    )

    static func path(_ name: String) -> String { (folder ?? "") + "/" + name }

    struct Entry: Sendable, CustomTestStringConvertible {
        let file: String
        let duration: Double?
        var testDescription: String { file }
    }

    /// Every file of the manifest that holds audio.
    static let entries: [Entry] = {
        guard let folder, let text = try? String(contentsOfFile: folder + "/MANIFEST.tsv", encoding: .utf8) else {
            return []
        }
        return text.split(separator: "\n").dropFirst().map { line in
            let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
            return Entry(file: String(fields[0]), duration: Double(fields[3]))
        }
    }()
}
