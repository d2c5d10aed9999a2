import Glibc
import Testing

@testable import ElkSpeech

/// The official base and tiny.en weights.
struct RealWeightsTests {
    private func open(_ name: String) throws -> WeightFile {
        try WeightFile.open("\(InstalledModels.folder)/\(name)")
    }

    @Test(.enabled(if: InstalledModels.path("base") != nil, InstalledModels.missing("base")))
    func `base has its shape, its tokens and known values`() throws {
        let file = try open("base")
        #expect(
            file.shape
                == WhisperShape(
                    vocabulary: 51865,
                    melBands: 80,
                    width: 512,
                    encoderHeads: 8,
                    decoderHeads: 8,
                    encoderLayers: 6,
                    decoderLayers: 6
                )
        )
        #expect(file.alignmentHeads == AlignmentHeads.official(for: file.shape))
        #expect(file.vocabulary.count == 50257)
        #expect(file.vocabulary[220] == [0x20])
        #expect(file.vocabulary[50000] == Array("death".utf8))
        #expect(file.vocabulary[50255] == Array("场".utf8))
        #expect(file.vocabulary[50256] == [])
        for (name, index, value) in [
            ("encoder.conv1.weight", 736, -0.0160675048828125),
            ("encoder.positional_embedding", 3585, 0.45166015625),
            ("encoder.blocks.2.attn.value.weight", 5140, 0.007450103759765625),
            ("encoder.blocks.0.attn.value.bias", 3, 0.01030731201171875),
            ("decoder.token_embedding.weight", 25_731_684, 0.01544952392578125),
            ("decoder.blocks.1.cross_attn.key.weight", 9004, 0.0249786376953125),
            ("decoder.blocks.3.mlp.2.weight", 9192, 0.0049896240234375),
            ("decoder.ln.bias", 9, -0.6044921875),
        ] as [(String, Int, Float)] {
            let columns = try #require(file.dimensions(of: name)).dropFirst().reduce(1, *)
            let row = index / columns
            #expect(file.values(name, rows: row..<row + 1)[index % columns] == value, "\(name)")
        }
    }

    @Test(.enabled(if: InstalledModels.path("tiny.en") != nil, InstalledModels.missing("tiny.en")))
    func `tiny.en has its shape, its tokens and known values`() throws {
        let file = try open("tiny.en")
        #expect(file.shape.vocabulary == 51864)
        #expect(file.shape.width == 384)
        #expect(file.shape.encoderHeads == 6)
        #expect(file.shape.decoderLayers == 4)
        #expect(file.alignmentHeads == AlignmentHeads.official(for: file.shape))
        #expect(file.vocabulary.count == 50256)
        #expect(file.vocabulary[50255] == Array(" gazed".utf8))
        let weights = file.values("decoder.blocks.1.cross_attn.key.weight")
        #expect(weights[6828] == 0.011627197265625)
        #expect(abs(weights.reduce(into: 0.0) { $0 += Double(abs($1)) } - 2992.1972666978836) < 1e-6)
    }

    /// Folders that `scripts/convert-weights` makes of base, with the largest error of a weight relative to its tensor's
    /// largest: half a step of the quantisation, a whole one where its range is lopsided.
    private static let conversions: [(name: String, tolerance: Float)] = [
        ("base-safetensors", 0), ("base-safetensors-f32", 0), ("base-safetensors-sharded", 0),
        ("base-safetensors-bf16", 0.004), ("base-ct2-f32", 0), ("base-ct2-int8", 0.004), ("base-ggml-f32", 0),
        ("base-ggml-f16", 0), ("base-ggml-q8_0", 0.005), ("base-ggml-q5_0", 0.065), ("base-ggml-q5_1", 0.034),
        ("base-ggml-q4_0", 0.13), ("base-ggml-q4_1", 0.07),
    ].filter { InstalledModels.path($0.0) != nil }

    @Test(
        .enabled(
            if: InstalledModels.path("base") != nil && !conversions.isEmpty,
            "needs base and folders of scripts/convert-weights beside it"
        ),
        arguments: conversions
    )
    func `every conversion of base gives its values`(name: String, tolerance: Float) throws {
        let base = try open("base")
        let other = try open(name)
        #expect(other.shape == base.shape)
        #expect(other.vocabulary == base.vocabulary)
        #expect(other.alignmentHeads == base.alignmentHeads)
        for name in base.tensorNames {
            let rows = 0..<min(4, base.dimensions(of: name)?[0] ?? 0)
            let expected = base.values(name, rows: rows)
            let largest = expected.reduce(0) { max($0, abs($1)) }
            let error = zip(expected, other.values(name, rows: rows)).reduce(0) { max($0, abs($1.0 - $1.1)) }
            #expect(error <= tolerance * largest, "\(name) \(error) of \(largest)")
        }
    }
}
