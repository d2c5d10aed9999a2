import Testing

@testable import ElkSpeech

struct AlignmentHeadsTests {
    private func shape(_ width: Int, _ encoder: Int, _ decoder: Int, _ vocabulary: Int, mels: Int = 80) -> WhisperShape
    {
        WhisperShape(
            vocabulary: vocabulary,
            melBands: mels,
            width: width,
            encoderHeads: width / 64,
            decoderHeads: width / 64,
            encoderLayers: encoder,
            decoderLayers: decoder
        )
    }

    private func find(_ shape: WhisperShape, _ files: [String: String]) throws -> [AlignmentHead]? {
        try AlignmentHeads.find(for: shape, beside: .memory(files.mapValues { Array($0.utf8) }))
    }

    @Test func `heads that the model's files list are taken`() throws {
        let base = shape(512, 6, 6, 51865)
        let listed = [AlignmentHead(layer: 1, head: 2), AlignmentHead(layer: 5, head: 7)]
        #expect(try find(base, ["config.json": #"{"lang_ids": [1], "alignment_heads": [[1, 2], [5, 7]]}"#]) == listed)
        let both = ["config.json": "{}", "generation_config.json": #"{"alignment_heads": [[1, 2], [5, 7]]}"#]
        #expect(try find(base, both) == listed)
    }

    @Test func `a list for another network or none falls back to the official heads`() throws {
        let base = shape(512, 6, 6, 51865)
        for text in ["{}", #"{"alignment_heads": null}"#, #"{"alignment_heads": [[6, 0]]}"#] {
            let heads = try #require(try find(base, ["config.json": text]))
            #expect(heads.count == 8)
            #expect(heads[0] == AlignmentHead(layer: 3, head: 1))
        }
    }

    @Test func `official models are told apart by their shape`() {
        let counts = [
            (shape(384, 4, 4, 51865), 6), (shape(384, 4, 4, 51864), 8), (shape(512, 6, 6, 51864), 5),
            (shape(768, 12, 12, 51865), 10), (shape(768, 12, 12, 51864), 19), (shape(1024, 24, 24, 51865), 6),
            (shape(1024, 24, 24, 51864), 18), (shape(1280, 32, 32, 51865), 23),
            (shape(1280, 32, 32, 51866, mels: 128), 10), (shape(1280, 32, 4, 51866, mels: 128), 6),
        ]
        for (shape, count) in counts {
            let heads = AlignmentHeads.official(for: shape)
            #expect(heads?.count == count)
            #expect(heads?.allSatisfy { $0.layer < shape.decoderLayers && $0.head < shape.decoderHeads } == true)
        }
        #expect(AlignmentHeads.official(for: shape(1280, 32, 2, 51865)) == nil)
    }

    @Test func `only heads that were measured have a lag`() {
        let shapes = [shape(512, 6, 6, 51865), shape(384, 4, 4, 51864), shape(768, 12, 12, 51865)]
        let lags = shapes.map { AlignmentHeads.official(for: $0).map(AlignmentHeads.lag) }
        #expect(lags == [0.07, -0.07, 0])
    }
}
