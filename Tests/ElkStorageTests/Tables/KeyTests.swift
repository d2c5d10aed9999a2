import ElkStorage
import ElkTestSupport
import Testing

struct KeyTests {
    @Test func `a key is stored with all its limits and found by its digest`() async throws {
        let store = try await Fixture.store()
        try await Fixture.user("1", in: store)
        try await store.saveGroup(Group(name: "vip", created: 1))
        var key = Key(
            id: "k",
            userID: "1",
            name: "laptop \"quoted\" ünï",
            prefix: "sk-abcde",
            digest: KeyDigest(of: "sk-abcdefgh"),
            isEnabled: true,
            expires: 99,
            models: ["gpt-*", "a/b"],
            networks: ["10.0.0.0/8"],
            budget: Fixture.dollars("1.5"),
            requestsPerMinute: 1,
            tokensPerMinute: 2,
            maxParallel: 3,
            group: "vip",
            created: 5
        )
        try await store.createKey(key)
        #expect(try await store.key(digest: key.digest) == key)
        #expect(try await store.key(digest: KeyDigest(of: "sk-abcdefgi")) == nil)
        key.isEnabled = false
        key.models = []
        key.budget = nil
        key.group = nil
        key.maxParallel = nil
        try await store.updateKey(key)
        #expect(try await store.key(id: "k", owner: "1") == key)
        #expect(try await store.keyCount() == 1)
    }

    @Test func `another owner's key is absent`() async throws {
        let store = try await Fixture.store()
        try await Fixture.user("1", in: store)
        try await Fixture.user("2", in: store)
        var key = try await Fixture.key("k", user: "1", in: store)
        #expect(await code { _ = try await store.key(id: "k", owner: "2") } == .notFound)
        #expect(await code { try await store.deleteKey(id: "k", owner: "2") } == .notFound)
        key.userID = "2"
        let stolen = key
        #expect(await code { try await store.updateKey(stolen) } == .notFound)
        #expect(try await store.keys(owner: "2").isEmpty)
        #expect(try await store.keys(owner: "1").count == 1)
        try await store.deleteKey(id: "k", owner: nil)
        #expect(try await store.keyCount() == 0)
    }

    @Test func `a digest is unique, and a key needs its user`() async throws {
        let store = try await Fixture.store()
        try await Fixture.user("1", in: store)
        var key = try await Fixture.key("k", user: "1", in: store)
        key.id = "other"
        let twin = key
        #expect(await code { try await store.createKey(twin) } == .conflict)
        key.userID = "nobody"
        let stray = key
        #expect(await code { try await store.createKey(stray) } == .notFound)
    }

    @Test func `limits below one and negative budgets are refused`() async throws {
        let store = try await Fixture.store()
        try await Fixture.user("1", in: store)
        let key = try await Fixture.key("k", user: "1", in: store)
        for change in [
            { $0.requestsPerMinute = 0 }, { $0.tokensPerMinute = -1 }, { $0.maxParallel = 0 },
            { $0.budget = Money(nanoDollars: -1) }, { $0.models = [""] },
        ] as [(inout Key) -> Void] {
            var changed = key
            change(&changed)
            let wrong = changed
            #expect(await code { try await store.updateKey(wrong) } == .invalid)
        }
    }
}
