import Foundation
import Testing

@testable import ElkSpeech

/// Random weights of every size against CTranslate2 in float32; `scripts/measure/logits.py` makes the folders and runs this.
@Suite(.serialized)
struct CTranslate2LogitsTests {
    static let folders: [String] = {
        guard let root = ProcessInfo.processInfo.environment["ELK_TEST_LOGITS"] else { return [] }
        let names = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
        return names.filter { !$0.hasPrefix(".") }.sorted().map { root + "/" + $0 }
    }()

    @Test(
        .enabled(
            if: !folders.isEmpty,
            "the comparison with CTranslate2 is left out: scripts/measure/logits.py runs it"
        ),
        arguments: folders
    )
    func `logits equal CTranslate2's on the same weights and features`(folder: String) throws {
        let model = try WhisperModel(contentsOf: folder + "/safetensors", precision: .half)
        let session = WhisperSession(model)
        let features = try floats(folder + "/features.f32")
        let expected = try floats(folder + "/logits.f32")
        let lines = try String(contentsOfFile: folder + "/tokens.txt", encoding: .utf8).split(separator: "\n")
        let tokens = lines[1].split(separator: " ").compactMap { Int($0) }
        let prompt = Int(lines[0]) ?? 0
        let (bands, vocabulary) = (model.shape.melBands, model.shape.vocabulary)

        session.encode(
            MelSpectrogram(bands: bands, frames: 3000, values: features, stride: 3000),
            from: 0,
            count: 3000,
            length: 3000
        )
        var largest: Float = 0
        var logits = session.prefill(Array(tokens[..<prompt]), logitsAt: [prompt - 1])
        for step in 0..<expected.count / vocabulary {
            if step > 0 { logits = session.step([tokens[prompt + step - 1]]) }
            let ours = logProbabilities(Array(logits))
            let theirs = logProbabilities(Array(expected[step * vocabulary..<(step + 1) * vocabulary]))
            for (a, b) in zip(ours, theirs) where b.isFinite { largest = max(largest, abs(a - b)) }
            #expect(ours.firstIndex(of: ours.max() ?? 0) == theirs.firstIndex(of: theirs.max() ?? 0))
        }
        print("\(folder.split(separator: "/").last ?? ""): largest difference of a log-probability \(largest)")
        // Attention in bf16 and keys in f16 round at 1/256 and 1/2048; the logits spread over several units.
        #expect(largest < 0.005)
    }

    private func floats(_ path: String) throws -> [Float] {
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        return data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }

    private func logProbabilities(_ logits: [Float]) -> [Float] {
        let top = logits.max() ?? 0
        let sum = logits.reduce(0.0) { $0 + exp(Double($1 - top)) }
        return logits.map { $0 - top - Float(log(sum)) }
    }
}
