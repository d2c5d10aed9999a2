import Foundation
import Testing

/// Real speech for tests: jfk.wav of `../shared/audio`, or of the folder in ELK_TEST_AUDIO.
enum SharedSpeech {
    /// 16 kHz mono as the file has it, nil where it is absent.
    static let samples: [Float]? = {
        let root = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let folder = ProcessInfo.processInfo.environment["ELK_TEST_AUDIO"] ?? "/\(root)/../shared/audio"
        guard let file = FileManager.default.contents(atPath: "\(folder)/jfk.wav"),
            let data = file.range(of: Data("data".utf8))
        else { return nil }
        let bytes = [UInt8](file[(data.upperBound + 4)...])
        return stride(from: 0, to: bytes.count - 1, by: 2).map {
            Float(Int16(truncatingIfNeeded: Int(bytes[$0]) | Int(bytes[$0 + 1]) << 8)) / 32768
        }
    }()

    static let missing: Comment = "left out: needs jfk.wav of the shared recordings"
}
