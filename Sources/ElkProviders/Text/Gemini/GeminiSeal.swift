import ElkWire
import NIOCore

/// `thoughtSignature`: bytes in base64, which Google's clients decode.
///
/// A seal of another format is put into base64 for them.
enum GeminiSeal {
    static func read(_ text: String?) -> Seal? {
        guard let text, !text.isEmpty else { return nil }
        if let bytes = Base64.decode(text), bytes.readableBytesView.starts(with: "elk.".utf8),
            let seal = Seal(carried: String(buffer: bytes), by: .geminiGenerate), seal.format != .geminiGenerate
        {
            return seal
        }
        return Seal(text, of: .geminiGenerate)
    }

    static func text(_ seal: Seal) -> String {
        guard seal.format != .geminiGenerate else { return seal.value }
        var text = ByteBuffer()
        text.writeBase64(ByteBuffer(string: seal.carried(by: .geminiGenerate)))
        return String(buffer: text)
    }
}
