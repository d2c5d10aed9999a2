/// A new credential: shown once, then known by its digest alone.
package struct GeneratedKey: Sendable {
    package let text: Secret
    package let digest: KeyDigest
    /// Enough to recognise the key by, too little to guess it from.
    package let prefix: String

    package enum Kind: String, Sendable {
        case client = "sk-"
        case root = "elk-root-"
        /// Opens realtime sessions for a while.
        case ephemeral = "ek_"
    }

    private static let length = 48

    /// The kind's mark and 48 random letters and digits: 285 bits.
    package init(_ kind: Kind = .client, random: inout some RandomNumberGenerator) {
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
        let characters = (0..<Self.length).map { _ in alphabet[Int.random(in: alphabet.indices, using: &random)] }
        let text = kind.rawValue + String(decoding: characters, as: UTF8.self)
        self.text = Secret(text)
        digest = KeyDigest(of: text)
        prefix = String(text.prefix(kind.rawValue.count + 5))
    }

    package init(_ kind: Kind = .client) {
        var random = SystemRandomNumberGenerator()
        self.init(kind, random: &random)
    }

    /// Whether a text could be a key of the kind.
    package static func looksLike(_ kind: Kind, _ text: String) -> Bool {
        text.utf8.starts(with: kind.rawValue.utf8) && text.utf8.count == kind.rawValue.utf8.count + length
    }

    /// What `prefix` would be for a key that was made elsewhere.
    package static func prefix(of key: Secret) -> String {
        let text = key.reveal()
        return text.utf8.count >= 24 ? String(text.prefix(8)) : "***"
    }
}
