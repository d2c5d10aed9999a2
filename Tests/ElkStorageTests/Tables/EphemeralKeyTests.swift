import ElkStorage
import ElkTestSupport
import Testing

struct EphemeralKeyTests {
    private func key(
        _ name: String,
        minter: String? = nil,
        opening: String? = nil,
        expires: Int64 = 100
    ) -> EphemeralKey {
        EphemeralKey(
            digest: KeyDigest(of: name),
            minter: minter.map(KeyDigest.init(of:)),
            opening: opening,
            expires: expires
        )
    }

    @Test func `a key is found as it was made, also by another process`() async throws {
        let file = try TemporaryDatabase()
        let store = try await file.open()
        let keys = [
            key("a", minter: "sk-1", opening: #"{"type":"session.update"}"#), key("b", minter: "sk-1"), key("c"),
        ]
        for key in keys { #expect(try await store.createEphemeralKey(key, limit: 9, now: 1)) }
        let other = try await file.open()
        for key in keys { #expect(try await other.ephemeralKey(digest: key.digest, now: 99) == key) }
        #expect(try await other.ephemeralKey(digest: KeyDigest(of: "d"), now: 99) == nil)
        try other.close()
        try store.close()
    }

    @Test func `an expired key is gone, and its row with the next one that is made`() async throws {
        let store = try await Fixture.store()
        let old = key("old", expires: 10)
        #expect(try await store.createEphemeralKey(old, limit: 1, now: 9))
        #expect(try await store.ephemeralKey(digest: old.digest, now: 9) == old)
        #expect(try await store.ephemeralKey(digest: old.digest, now: 10) == nil)
        #expect(try await store.createEphemeralKey(key("new"), limit: 1, now: 10))
        #expect(try await store.ephemeralKey(digest: old.digest, now: 9) == nil)
    }

    @Test func `nobody has more of them than the limit, whatever others have`() async throws {
        let store = try await Fixture.store()
        #expect(try await store.createEphemeralKey(key("a", minter: "sk-1"), limit: 2, now: 1))
        #expect(try await store.createEphemeralKey(key("b", minter: "sk-1"), limit: 2, now: 1))
        #expect(try await !store.createEphemeralKey(key("c", minter: "sk-1"), limit: 2, now: 1))
        #expect(try await store.ephemeralKey(digest: KeyDigest(of: "c"), now: 1) == nil)
        #expect(try await store.createEphemeralKey(key("d", minter: "sk-2"), limit: 2, now: 1))
        #expect(try await store.createEphemeralKey(key("e"), limit: 2, now: 1))
    }

    @Test func `neither the key nor what its session says is in the file`() async throws {
        let file = try TemporaryDatabase()
        let store = try await file.open()
        let made = key("ek_canary", opening: #"{"authorization":"tool-canary"}"#)
        #expect(try await store.createEphemeralKey(made, limit: 9, now: 1))
        try store.close()
        let text = String(decoding: try file.bytes(), as: UTF8.self)
        #expect(!text.contains("canary"))
    }
}
