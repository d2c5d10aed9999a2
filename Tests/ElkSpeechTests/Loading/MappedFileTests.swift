import Foundation
import Testing

@testable import ElkSpeech

@Suite struct MappedFileTests {
    @Test func `files of the same length and time are told apart`() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("mapped-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let time = Date(timeIntervalSince1970: 1_000_000_000)
        let prints = try [UInt8(0), 0, 1].enumerated().map { index, byte in
            let path = folder.appendingPathComponent("\(index).bin").path
            try Data(repeating: byte, count: 100_000).write(to: URL(fileURLWithPath: path))
            try FileManager.default.setAttributes([.modificationDate: time], ofItemAtPath: path)
            return try MappedFile(path: path).fingerprint
        }
        #expect(prints[0] == prints[1])
        #expect(prints[0] != prints[2])
    }
}
