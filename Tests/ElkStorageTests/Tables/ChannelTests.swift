import ElkStorage
import ElkTestSupport
import Testing

struct ChannelTests {
    private let channel = Channel(
        id: "c",
        name: "main",
        provider: "openai",
        baseURL: "https://example.com",
        keys: [Secret("sk-up-1"), Secret("sk-up-2")],
        models: ["gpt-4o", "o*"],
        modelMapping: ["a": "b", "c": "d"],
        priority: -3,
        weight: 5,
        groups: ["vip"],
        overrides: "{\"temperature\":0}",
        options: "{\"organization\":\"o\"}",
        created: 4
    )

    @Test func `a channel is stored, found, changed and removed`() async throws {
        let store = try await Fixture.store()
        try await store.createChannel(channel)
        #expect(try await store.channel(id: "c") == channel)
        #expect(try await store.channel(named: "main") == channel)
        var changed = channel
        changed.keys = []
        changed.baseURL = nil
        changed.isEnabled = false
        try await store.updateChannel(changed)
        #expect(try await store.channels() == [changed])
        try await store.deleteChannel(id: "c")
        let gone = changed
        #expect(await code { try await store.updateChannel(gone) } == .notFound)
        #expect(await code { try await store.deleteChannel(id: "c") } == .notFound)
        #expect(await code { _ = try await store.channel(id: "c") } == .notFound)
        #expect(try await store.channel(named: "main") == nil)
    }

    @Test func `a name is unique`() async throws {
        let store = try await Fixture.store()
        try await store.createChannel(channel)
        var other = channel
        other.id = "d"
        let twin = other
        #expect(await code { try await store.createChannel(twin) } == .conflict)
        other.name = "second"
        try await store.createChannel(other)
        other.name = "main"
        let renamed = other
        #expect(await code { try await store.updateChannel(renamed) } == .conflict)
    }

    @Test func `prices are replaced by model, all or none`() async throws {
        let store = try await Fixture.store()
        var price = Price(model: "gpt-*", input: Fixture.dollars("2.5"), output: Fixture.dollars("10"), created: 1)
        price.audioSecond = Money(nanoDollars: 100_000)
        price.request = .zero
        try await store.savePrices([price, Price(model: "free", created: 1)])
        #expect(try await store.prices() == [Price(model: "free", created: 1), price])
        var wrong = price
        wrong.image = Money(nanoDollars: -1)
        let batch = [Price(model: "new", created: 1), wrong]
        #expect(await code { try await store.savePrices(batch) } == .invalid)
        #expect(try await store.prices().count == 2)
        price.input = nil
        try await store.savePrices([price])
        #expect(try await store.prices().last?.input == nil)
        try await store.deletePrice(model: "free")
        #expect(await code { try await store.deletePrice(model: "free") } == .notFound)
    }

    @Test func `a snapshot holds all of one moment`() async throws {
        let store = try await Fixture.store()
        try await Fixture.user("1", balance: "2", in: store)
        let key = try await Fixture.key("k", user: "1", in: store)
        try await store.createChannel(channel)
        try await store.savePrices([Price(model: "m", created: 1)])
        try await store.setSetting("title", to: "Elk")
        let snapshot = try await store.snapshot()
        #expect(snapshot.users.map(\.id).sorted() == ["1", User.localID])
        #expect(snapshot.users.first { $0.id == "1" }?.balance == Fixture.dollars("2"))
        #expect(snapshot.keys == [key])
        #expect(snapshot.channels == [channel])
        #expect(snapshot.prices.count == 1)
        #expect(snapshot.groups.count == 1)
        #expect(snapshot.settings == ["title": "Elk"])
    }
}
