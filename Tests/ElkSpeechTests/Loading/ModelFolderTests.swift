import Glibc
import Testing

@testable import ElkSpeech

/// Each test has a folder of its own, removed with the suite's instance.
final class ModelFolderTests {
    private let folder: String
    private let model = TinyModel()

    init() throws {
        var template = Array(("/tmp/elk-model-" + String(repeating: "X", count: 6)).utf8CString)
        let path = template.withUnsafeMutableBufferPointer { buffer in
            buffer.baseAddress.flatMap { mkdtemp($0) }.map { String(cString: $0) }
        }
        folder = try #require(path)
    }

    deinit {
        for name in names { unlink("\(folder)/\(name)") }
        rmdir(folder)
    }

    private var names: [String] = []

    private func write(_ name: String, _ bytes: [UInt8]) throws {
        names.append(name)
        let file = try #require(fopen("\(folder)/\(name)", "w"))
        defer { fclose(file) }
        #expect(fwrite(bytes, 1, bytes.count, file) == bytes.count)
    }

    private func kind(_ path: String) throws -> FileKind {
        FileKind(try ModelFolder.locate(path).weights)
    }

    @Test func `content decides and not the name`() throws {
        try write("model.bin", model.ggml(.float16))
        #expect(try kind(folder) == .ggml)
        #expect(try kind(folder + "/model.bin") == .ggml)
        try write("model.safetensors", model.ctranslate2())
        #expect(try kind(folder) == .ctranslate2)
    }

    @Test func `a ggml file is found under any name`() throws {
        try write("pytorch_model.bin", Array("PK\u{3}\u{4}".utf8))
        try write("ggml-tiny.bin", model.ggml(.float16))
        #expect(try kind(folder) == .ggml)
    }

    @Test func `several models in one folder are not guessed at`() throws {
        try write("ggml-a.bin", model.ggml(.float16))
        try write("ggml-b.bin", model.ggml(.float16))
        let error = #expect(throws: ModelError.self) { try ModelFolder.locate(folder) }
        #expect(error?.description == "\(folder) holds several models: name one of them, such as \(folder)/ggml-a.bin")
    }

    @Test func `a folder without a model says so`() throws {
        #expect(throws: ModelError("\(folder) has no model in it: no safetensors, CTranslate2 or ggml file")) {
            try WeightFile.open(self.folder)
        }
        try write("model.bin", Array("<html>".utf8))
        #expect(throws: ModelError("\(folder)/model.bin is a web page, not a model")) {
            try WeightFile.open(self.folder)
        }
    }

    @Test func `an empty file or a missing path is refused`() throws {
        try write("model.bin", [])
        #expect(throws: ModelError("\(folder)/model.bin is empty")) { try WeightFile.open(self.folder) }
        #expect(throws: ModelError("\(folder)/none does not exist or cannot be read")) {
            try WeightFile.open(self.folder + "/none")
        }
    }

    @Test func `a pipe is refused without waiting for its writer`() throws {
        names.append("model.bin")
        #expect(mkfifo("\(folder)/model.bin", 0o600) == 0)
        #expect(throws: ModelError("\(folder)/model.bin is not a regular file")) { try WeightFile.open(self.folder) }
    }

    @Test func `companions are found beside a file that is named alone`() throws {
        try write("model.bin", model.ctranslate2())
        try write("vocabulary.txt", model.companions["vocabulary.txt"] ?? [])
        let (weights, companions) = try ModelFolder.locate(folder + "/model.bin")
        let file = try WeightFile(weights, beside: companions, accepting: TinyModel.accepted)
        #expect(file.vocabulary == model.tokens)
    }
}
