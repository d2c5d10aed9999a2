/// Byte-level BPE of Whisper with its special tokens.
public struct Tokenizer: Sendable {
    public let special: SpecialTokens
    private let vocabulary: Vocabulary
    /// Built at once and not when first needed: that takes 2 ms, and every transcription encodes the non-speech tokens.
    private let pairs: BytePairs

    /// - Parameters:
    ///   - vocabulary: bytes of the ordinary tokens in id order.
    ///   - size: rows of the model's embedding, which fixes the special tokens.
    package init(vocabulary: Vocabulary, size: Int) throws(ModelError) {
        guard (51864...51866).contains(size) else {
            throw ModelError("a vocabulary of \(size) tokens is none of Whisper's (51864, 51865 or 51866)")
        }
        special = SpecialTokens(vocabularySize: size)
        guard vocabulary.count <= special.endOfText else {
            throw ModelError(
                "\(vocabulary.count) text tokens are too many: the special tokens begin at \(special.endOfText)"
            )
        }
        self.vocabulary = vocabulary
        pairs = BytePairs(vocabulary)
    }

    package init(vocabulary pieces: [[UInt8]], size: Int) throws(ModelError) {
        try self.init(vocabulary: Vocabulary(pieces), size: size)
    }

    /// Ids of `text` (no special tokens are recognised in it).
    public func encode(_ text: String) -> [Int] {
        var ids: [Int] = []
        for piece in PieceSplitter(text) { pairs.encode(Array(piece.utf8), into: &ids) }
        return ids
    }

    /// Text of the ordinary tokens in `tokens`; special and timestamp tokens are left out, broken UTF-8 becomes U+FFFD.
    public func decode(_ tokens: some Sequence<Int>) -> String {
        var bytes: [UInt8] = []
        for token in tokens where isText(token) { bytes += vocabulary.bytes[vocabulary.range(of: token)] }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The bytes of an ordinary token, none of any other.
    func bytes(of token: Int) -> [UInt8] {
        isText(token) ? Array(vocabulary.bytes[vocabulary.range(of: token)]) : []
    }

    private func isText(_ token: Int) -> Bool { token >= 0 && token < vocabulary.count }
}
