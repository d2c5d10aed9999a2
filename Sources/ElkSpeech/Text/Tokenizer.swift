import Synchronization

/// Byte-level BPE of Whisper with its special tokens.
public struct Tokenizer: Sendable {
    public let special: SpecialTokens
    private let vocabulary: Vocabulary
    private let encoder: Encoder

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
        encoder = Encoder()
    }

    package init(vocabulary pieces: [[UInt8]], size: Int) throws(ModelError) {
        try self.init(vocabulary: Vocabulary(pieces), size: size)
    }

    /// Ids of `text` (no special tokens are recognised in it).
    public func encode(_ text: String) -> [Int] {
        let pairs = encoder.pairs(of: vocabulary)
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

    private func isText(_ token: Int) -> Bool { token >= 0 && token < vocabulary.count }

    /// The merge table, built when something is encoded for the first time: transcribing without a prompt never needs it.
    private final class Encoder: Sendable {
        private let table = Mutex<BytePairs?>(nil)

        func pairs(of vocabulary: Vocabulary) -> BytePairs {
            table.withLock { table in
                let pairs = table ?? BytePairs(vocabulary)
                table = pairs
                return pairs
            }
        }
    }
}
