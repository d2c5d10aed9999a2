import ElkGateway
import ElkProviders
import ElkStorage
import Testing

@Suite struct CatalogTests {
    private func channel(_ name: String, models: [String], change: (inout Channel) -> Void = { _ in }) -> Channel {
        var channel = Channel(
            id: "id-\(name)",
            name: name,
            provider: "openai",
            keys: [Secret("sk-\(name)")],
            models: models,
            created: 0
        )
        change(&channel)
        return channel
    }

    private func catalog(_ channels: [Channel]) -> Catalog {
        let house = House()
        var snapshot = House.snapshot()
        snapshot.channels = channels
        house.catalogs.replace(with: snapshot)
        return house.catalogs.current
    }

    @Test func `channels are found by model, pattern and group`() {
        let catalog = catalog([
            channel("exact", models: ["gpt-4o"]), channel("pattern", models: ["gpt-*"]),
            channel("vip", models: ["gpt-4o"]) { $0.groups = ["vip"] },
            channel("off", models: ["gpt-4o"]) { $0.isEnabled = false },
            channel("all", models: ["*"]),
        ])
        func names(_ model: String, _ group: String = "default") -> [String] {
            catalog.channels(serving: model, group: group).map(\.name).sorted()
        }
        #expect(names("gpt-4o") == ["all", "exact", "pattern"])
        #expect(names("gpt-4o", "vip") == ["all", "exact", "pattern", "vip"])
        #expect(names("gpt-5") == ["all", "pattern"])
        #expect(names("claude") == ["all"])
        #expect(catalog.models(group: "default") == ["gpt-4o"])
        #expect(catalog.channel(id: "id-off")?.isUsable == false)
    }

    @Test(
        arguments: [
            { $0.provider = "nobody" }, { $0.overrides = "[1]" }, { $0.overrides = "{" }, { $0.options = "null" },
            { $0.baseURL = "ftp://x" },
            { $0.options = #"{"headers":{"x-a":1}}"# }, { $0.keys = [Secret("a\nb")] },
        ] as [@Sendable (inout Channel) -> Void]
    )
    func `a channel that cannot be used is left out and said so`(change: @Sendable (inout Channel) -> Void) {
        let catalog = catalog([channel("bad", models: ["m"], change: change), channel("good", models: ["m"])])
        #expect(catalog.channels(serving: "m", group: "default").map(\.name) == ["good"])
        #expect(catalog.problems.count == 1 && catalog.problems.first?.contains("bad") == true)
    }

    @Test func `a channel has a target a key, with its options and overrides`() throws {
        let catalog = catalog([
            channel("c", models: ["m"]) { channel in
                channel.keys = [Secret("one"), Secret("two")]
                channel.modelMapping = ["m": "upstream-m"]
                channel.options = #"{"organization":"org","api_version":"2026-01-01","headers":{"X-Team":"elk"}}"#
                channel.overrides = #"{"temperature":0.5,"user":null}"#
            }
        ])
        let found = try #require(catalog.channels(serving: "m", group: "default").first)
        #expect(found.targets.map(\.key) == ["one", "two"] && found.upstreamModel(for: "m") == "upstream-m")
        let target = try #require(found.targets.first)
        #expect(target.organization == "org" && target.apiVersion == "2026-01-01")
        #expect(target.headers.map(\.name) == ["x-team"])
        #expect(target.overrides.map(\.path) == ["temperature", "user"])
        #expect(target.overrides.map { $0.json == nil } == [false, true])
    }

    @Test func `an upstream without keys still has a target`() {
        let catalog = catalog([channel("local", models: ["m"]) { $0.keys = [] }])
        #expect(catalog.channels(serving: "m", group: "default").first?.targets.count == 1)
    }

    @Test func `a request keeps the catalog it came in with`() async throws {
        let house = House()
        let ticket = try await house.admit(House.call(), House.client("sk-bob"))
        house.catalogs.replace(with: House.snapshot(keys: [], prices: []))
        #expect(ticket.catalog.hasKeys && !house.catalogs.current.hasKeys)
        #expect(ticket.hold.settle(.done(input: 1_000, output: 0))?.cost == Money(nanoDollars: 1_000_000))
    }
}
