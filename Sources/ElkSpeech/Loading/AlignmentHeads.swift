/// Finds the decoder heads whose cross-attention follows the audio.
enum AlignmentHeads {
    /// Heads that `config.json` (CTranslate2) or `generation_config.json` (Hugging Face) lists, else the official ones.
    static func find(for shape: WhisperShape, beside companions: Companions) throws(ModelError) -> [AlignmentHead]? {
        for name in ["generation_config.json", "config.json"] {
            guard let file = try companions.file(name) else { continue }
            let heads = try listed(in: file)
            // Distilled models keep the list of their teacher, which has more layers: useless then.
            let fit = heads.allSatisfy { 0..<shape.decoderLayers ~= $0.layer && 0..<shape.decoderHeads ~= $0.head }
            if !heads.isEmpty, fit { return heads }
        }
        return official(for: shape)
    }

    private static func listed(in file: MappedFile) throws(ModelError) -> [AlignmentHead] {
        var heads: [AlignmentHead] = []
        var reader = JSONReader(file)
        try reader.members { reader, key throws(ModelError) in
            guard key.elementsEqual("alignment_heads".utf8), reader.isAtArray() else { return }
            try reader.elements { reader throws(ModelError) in
                let pair = try reader.integers()
                guard pair.count == 2 else { throw reader.fault("an alignment head that is no pair") }
                heads.append(AlignmentHead(layer: pair[0], head: pair[1]))
            }
        }
        return heads
    }

    /// Heads of the official model of this shape (SP 2.12), or nil.
    ///
    /// Shape alone cannot tell large-v1 from v2: v2 it is.
    static func official(for shape: WhisperShape) -> [AlignmentHead]? {
        let isEnglish = !shape.isMultilingual
        let list: [(Int, Int)]? =
            switch (shape.width, shape.encoderLayers, shape.decoderLayers, shape.melBands) {
            case (384, 4, 4, 80): isEnglish ? tinyEnglish : tiny
            case (512, 6, 6, 80): isEnglish ? baseEnglish : base
            case (768, 12, 12, 80): isEnglish ? smallEnglish : small
            case (1024, 24, 24, 80): isEnglish ? mediumEnglish : medium
            case (1280, 32, 32, 80): isEnglish ? nil : largeV2
            case (1280, 32, 32, 128): isEnglish ? nil : largeV3
            case (1280, 32, 4, 128): isEnglish ? nil : turbo
            default: nil
            }
        return list?.map { AlignmentHead(layer: $0.0, head: $0.1) }
    }

    /// Seconds by which words are spoken after the moment that these heads look at for them, as `scripts/word-times` found it.
    ///
    /// It goes from head to head, and so from model to model; 0 for models whose weights could not be had.
    static func lag(of heads: [AlignmentHead]) -> Double {
        func are(_ list: [(Int, Int)]) -> Bool { heads.elementsEqual(list) { ($0.layer, $0.head) == $1 } }
        return are(base) ? 0.07 : are(tinyEnglish) ? -0.07 : 0
    }

    private static let tiny = [(2, 2), (3, 0), (3, 2), (3, 3), (3, 4), (3, 5)]
    private static let tinyEnglish = [(1, 0), (2, 0), (2, 5), (3, 0), (3, 1), (3, 2), (3, 3), (3, 4)]
    private static let base = [(3, 1), (4, 2), (4, 3), (4, 7), (5, 1), (5, 2), (5, 4), (5, 6)]
    private static let baseEnglish = [(3, 3), (4, 7), (5, 1), (5, 5), (5, 7)]
    private static let small = [
        (5, 3), (5, 9), (8, 0), (8, 4), (8, 7), (8, 8), (9, 0), (9, 7), (9, 9), (10, 5),
    ]
    private static let smallEnglish = [
        (6, 6), (7, 0), (7, 3), (7, 8), (8, 2), (8, 5), (8, 7), (9, 0), (9, 4), (9, 8), (9, 10), (10, 0), (10, 1),
        (10, 2), (10, 3), (10, 6), (10, 11), (11, 2), (11, 4),
    ]
    private static let medium = [(13, 15), (15, 4), (15, 15), (16, 1), (20, 0), (23, 4)]
    private static let mediumEnglish = [
        (11, 4), (14, 1), (14, 12), (14, 14), (15, 4), (16, 0), (16, 4), (16, 9), (17, 12), (17, 14), (18, 7),
        (18, 10), (18, 15), (20, 0), (20, 3), (20, 9), (20, 14), (21, 12),
    ]
    private static let largeV2 = [
        (10, 12), (13, 17), (16, 11), (16, 12), (16, 13), (17, 15), (17, 16), (18, 4), (18, 11), (18, 19), (19, 11),
        (21, 2), (21, 3), (22, 3), (22, 9), (22, 12), (23, 5), (23, 7), (23, 13), (25, 5), (26, 1), (26, 12),
        (27, 15),
    ]
    private static let largeV3 = [
        (7, 0), (10, 17), (12, 18), (13, 12), (16, 1), (17, 14), (19, 11), (21, 4), (24, 1), (25, 6),
    ]
    private static let turbo = [(2, 4), (2, 11), (3, 3), (3, 6), (3, 11), (3, 14)]
}
