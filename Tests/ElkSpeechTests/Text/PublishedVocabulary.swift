import Foundation
import Testing

@testable import ElkSpeech

/// The vocabularies of the installed models as CTranslate2 keeps them.
enum PublishedVocabulary {
    static let multilingual = tokenizer("base", size: 51865)
    static let english = tokenizer("tiny.en", size: 51864)
    static let missing = InstalledModels.missing("base or tiny.en")
    static let areInstalled = multilingual != nil && english != nil

    private static func tokenizer(_ model: String, size: Int) -> Tokenizer? {
        guard let content = FileManager.default.contents(atPath: "\(InstalledModels.folder)/\(model)/vocabulary.txt")
        else {
            return nil
        }
        let lines = content.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        let pieces = lines.prefix(SpecialTokens(vocabularySize: size).endOfText).map {
            String(decoding: $0, as: UTF8.self).unicodeScalars.compactMap { ByteAlphabet.bytes[$0] }
        }
        return try? Tokenizer(vocabulary: pieces, size: size)
    }
}

/// The characters that stand for the 256 bytes in GPT-2's vocabulary files, in the order of their token ids.
enum ByteAlphabet {
    static let ordered: [UInt8] = {
        let printable = Array<UInt8>(33...126) + Array(161...172) + Array(174...255)
        return printable + (0...255).filter { !printable.contains($0) }
    }()

    static let bytes: [Unicode.Scalar: UInt8] = {
        var bytes: [Unicode.Scalar: UInt8] = [:]
        for (id, byte) in ordered.enumerated() {
            let value = id < 188 ? UInt32(byte) : 256 + UInt32(id - 188)
            if let scalar = Unicode.Scalar(value) { bytes[scalar] = byte }
        }
        return bytes
    }()
}
