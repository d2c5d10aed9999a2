import ElkStorage
import ElkTestSupport
import Testing

struct SecretTests {
    @Test func `a secret shows in no text made of it`() {
        struct Holder { var key = Secret("sk-canary-1234567890-abcdefghij") }
        var dumped = ""
        dump(Holder(), to: &dumped)
        for text in ["\(Secret("canary"))", String(reflecting: Secret("canary")), "\(Holder())", dumped] {
            #expect(!text.contains("canary"))
        }
        #expect(Secret("short").hint == "***")
        #expect(Secret("sk-canary-1234567890-abcdefghij").hint == "sk-can***ghij")
    }

    @Test func `secrets are equal when their texts are`() {
        #expect(Secret("abc") == Secret("abc"))
        #expect(Secret("abc") != Secret("abd"))
        #expect(Secret("abc") != Secret("ab"))
    }

    @Test func `a generated key has its mark, 48 characters and a prefix that gives little away`() {
        var random = SeededRandom(seed: 1)
        for kind in [GeneratedKey.Kind.client, .root, .ephemeral] {
            let key = GeneratedKey(kind, random: &random)
            let text = key.text.reveal()
            #expect(text.hasPrefix(kind.rawValue))
            #expect(text.dropFirst(kind.rawValue.count).count == 48)
            #expect(text.hasPrefix(key.prefix))
            #expect(key.prefix.count == kind.rawValue.count + 5)
            #expect(key.digest == KeyDigest(of: text))
            #expect(GeneratedKey.looksLike(kind, text) && !GeneratedKey.looksLike(kind, text + "x"))
        }
        #expect(!GeneratedKey.looksLike(.ephemeral, GeneratedKey().text.reveal()))
        #expect(GeneratedKey().digest != GeneratedKey().digest)
        #expect(GeneratedKey.prefix(of: Secret("hunter2")) == "***")
    }

    @Test func `a digest is SHA-256 and survives its bytes`() throws {
        let digest = KeyDigest(of: "abc")
        let hex = digest.bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
        #expect(hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
        #expect(KeyDigest(bytes: digest.bytes) == digest)
        #expect(KeyDigest(bytes: [1, 2, 3]) == nil)
        #expect(KeyDigest(of: "abd") != digest)
    }
}
