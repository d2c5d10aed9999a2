import ElkProviders
import ElkStorage
import ElkWire
import Testing

@testable import ElkGateway

@Suite struct RoutePlanTests {
    static func channel(
        _ id: String,
        priority: Int = 0,
        weight: Int = 1,
        keys: Int = 1,
        mapping: [String: String] = [:],
        provider: String = "openai"
    ) -> CatalogChannel {
        CatalogChannel(
            ElkStorage.Channel(
                id: id,
                name: id,
                provider: provider,
                keys: (0..<keys).map { Secret("key-\(id)-\($0)") },
                models: ["m"],
                modelMapping: mapping,
                priority: priority,
                weight: weight,
                created: 0
            )
        )
    }

    static func plan(
        _ channels: [CatalogChannel],
        health: HealthBoard.Snapshot = .init(),
        seed: UInt64 = 1,
        localPriority: Int? = nil
    ) throws -> RoutePlan {
        try RoutePlan(
            for: try .chat(),
            channels: channels,
            localPriority: localPriority,
            health: health,
            seed: seed,
            now: 1000
        )
    }

    static func ids(_ plan: RoutePlan) -> [String] {
        plan.entries.map { entry in
            switch entry.place {
            case .local: "local"
            case .channel(let channel): channel.id
            }
        }
    }

    @Test func `higher priority comes first, whatever the weight`() throws {
        let channels = [
            Self.channel("low", weight: 1000), Self.channel("high", priority: 5), Self.channel("middle", priority: 1),
        ]
        for seed in 0..<50 {
            #expect(Self.ids(try Self.plan(channels, seed: UInt64(seed))) == ["high", "middle", "low"])
        }
    }

    @Test func `within a priority the weights give the shares`() throws {
        let channels = [Self.channel("a", weight: 1), Self.channel("b", weight: 3), Self.channel("c", weight: 0)]
        var counts: [String: Int] = [:]
        var random = SplitMix(seed: 7)
        for _ in 0..<4_000 {
            counts[Self.ids(try Self.plan(channels, seed: random.next()))[0], default: 0] += 1
        }
        #expect((850...1150).contains(counts["a"] ?? 0))
        #expect((2850...3150).contains(counts["b"] ?? 0))
        #expect(counts["c"] == nil)
    }

    @Test func `a seed keeps its place when other channels come and go`() throws {
        let five = ["a", "b", "c", "d", "e"].map { Self.channel($0) }
        var random = SplitMix(seed: 3)
        for _ in 0..<200 {
            let seed = random.next()
            let order = Self.ids(try Self.plan(five, seed: seed))
            for gone in five {
                let left = Self.ids(try Self.plan(five.filter { $0.id != gone.id }.reversed(), seed: seed))
                #expect(left == order.filter { $0 != gone.id })
            }
        }
    }

    @Test func `resting channels come last, the first to wake before the others, and dead keys never`() throws {
        let channels = [
            Self.channel("a", priority: 9), Self.channel("b", priority: 8), Self.channel("c"), Self.channel("d"),
        ]
        let board = HealthBoard()
        board.failed(.channelCooling(milliseconds: 5_000), channel: "a", key: 0, model: "m", now: 1000)
        board.failed(.channelCooling(milliseconds: 3_000), channel: "b", key: 0, model: "m", now: 1000)
        board.failed(.keyDead, channel: "c", key: channels[2].targets[0].key.hashValue, model: "m", now: 1000)
        let plan = try Self.plan(channels, health: board.snapshot)
        #expect(Self.ids(plan) == ["d", "b", "a"])
        #expect(plan.entries.map(\.isResting) == [false, true, true])
    }

    @Test func `keys take turns, healthy ones first`() throws {
        let channel = Self.channel("a", keys: 3)
        var starts: Set<Int> = []
        for seed in 0..<50 { starts.insert(try Self.plan([channel], seed: UInt64(seed)).entries[0].keys[0]) }
        #expect(starts == [0, 1, 2])
        let board = HealthBoard()
        board.failed(
            .keyCooling(milliseconds: 900),
            channel: "a",
            key: channel.targets[1].key.hashValue,
            model: "m",
            now: 1000
        )
        board.failed(.keyDead, channel: "a", key: channel.targets[2].key.hashValue, model: "m", now: 1000)
        let entry = try Self.plan([channel], health: board.snapshot).entries[0]
        #expect(entry.keys == [0, 1])
        #expect(!entry.isResting)
    }

    @Test func `the local engine is a place like any other`() throws {
        let channels = [Self.channel("a"), Self.channel("b", priority: 2)]
        #expect(Self.ids(try Self.plan(channels, localPriority: 0)) == ["b", "local", "a"])
        #expect(Self.ids(try Self.plan(channels, localPriority: 3)) == ["local", "b", "a"])
        #expect(Self.ids(try Self.plan([], localPriority: 0)) == ["local"])
    }

    @Test func `names are mapped to the end of their chain, and a circle is no way`() throws {
        let mapping = ["m": "n", "n": "o"]
        #expect(try Self.plan([Self.channel("a", mapping: mapping)]).entries[0].model == "o")
        #expect(try Self.plan([Self.channel("a", mapping: ["m": "m"])]).entries[0].model == "m")
        #expect(try Self.plan([Self.channel("a", mapping: ["x": "y"])]).entries[0].model == "m")
        #expect(throws: Failure.self) { try Self.plan([Self.channel("a", mapping: ["m": "n", "n": "m"])]) }
        let both = [Self.channel("a", priority: 1, mapping: ["m": "n", "n": "m"]), Self.channel("b")]
        #expect(Self.ids(try Self.plan(both)) == ["b"])
    }

    @Test func `says why there is nowhere to go`() throws {
        #expect { try Self.plan([]) } throws: { ($0 as? Failure)?.code == "model_not_found" }
        #expect { try Self.plan([Self.channel("r", provider: "jina")]) } throws: {
            ($0 as? Failure)?.code == "unsupported_endpoint"
        }
        let dead = Self.channel("a")
        let board = HealthBoard()
        board.failed(.keyDead, channel: "a", key: dead.targets[0].key.hashValue, model: "m", now: 0)
        #expect { try Self.plan([dead], health: board.snapshot) } throws: { ($0 as? Failure)?.status == 503 }
    }
}
