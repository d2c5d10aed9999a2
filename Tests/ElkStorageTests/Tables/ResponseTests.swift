import ElkStorage
import ElkTestSupport
import Testing

struct ResponseTests {
    private func response(_ id: String, owner: String, expires: Int64 = 100) -> StoredResponse {
        StoredResponse(
            id: id,
            owner: owner,
            channelID: "c",
            upstreamID: "u",
            status: "completed",
            body: Array("{\"a\":1}".utf8),
            inputItems: [],
            created: 1,
            expires: expires
        )
    }

    @Test func `a response is its owner's alone`() async throws {
        let store = try await Fixture.store()
        var mine = response("r", owner: "1")
        try await store.saveResponse(mine)
        #expect(try await store.response(id: "r", owner: "1", now: 2) == mine)
        #expect(await code { _ = try await store.response(id: "r", owner: "2", now: 2) } == .notFound)
        #expect(await code { try await store.deleteResponse(id: "r", owner: "2") } == .notFound)
        #expect(await code { try await store.saveResponse(response("r", owner: "2")) } == .conflict)
        mine.status = "cancelled"
        try await store.saveResponse(mine)
        #expect(try await store.response(id: "r", owner: "1", now: 2).status == "cancelled")
        try await store.deleteResponse(id: "r", owner: "1")
        #expect(await code { _ = try await store.response(id: "r", owner: "1", now: 2) } == .notFound)
    }

    @Test func `an expired response is gone before and after the sweep`() async throws {
        let store = try await Fixture.store()
        try await store.saveResponse(response("old", owner: "1", expires: 10))
        try await store.saveResponse(response("new", owner: "1", expires: 11))
        #expect(await code { _ = try await store.response(id: "old", owner: "1", now: 10) } == .notFound)
        #expect(try await store.sweepResponses(now: 10) == 1)
        #expect(try await store.sweepResponses(now: 10) == 0)
        #expect(try await store.response(id: "new", owner: "1", now: 10).id == "new")
    }

    @Test func `settings are set, replaced and removed`() async throws {
        let store = try await Fixture.store()
        #expect(try await store.setting("a") == nil)
        try await store.setSetting("a", to: "1")
        try await store.setSetting("a", to: "2")
        #expect(try await store.setting("a") == "2")
        try await store.setSetting("a", to: nil)
        #expect(try await store.setting("a") == nil)
    }

    @Test func `the root credential is known by its digest`() async throws {
        let store = try await Fixture.store()
        #expect(try await store.rootDigest() == nil)
        try await store.setRootDigest(KeyDigest(of: "elk-root-1"))
        try await store.setRootDigest(KeyDigest(of: "elk-root-2"))
        #expect(try await store.rootDigest() == KeyDigest(of: "elk-root-2"))
    }
}
