import ElkTestSupport
import Testing

@testable import ElkStorage

struct UsageLogTests {
    private static let day: Int64 = 86_400_000

    private func store(_ rows: [UsageRow]) async throws -> Store {
        let store = try await Fixture.store()
        for id in ["1", "2"] { try await Fixture.user(id, isUnlimited: true, in: store) }
        _ = try await store.settle(rows.map { SettledRequest(usage: $0, payer: .tab) }, now: 1)
        return store
    }

    @Test func `a row comes back as it was written, to its owner alone`() async throws {
        var row = Fixture.usage("r", user: "1", key: "k", cost: "0.25", model: "gpt-4o")
        row.channelID = "c"
        row.upstreamModel = "gpt-4o-2024"
        row.isStream = true
        row.group = "vip"
        row.attempts = "[{\"status\":429}]"
        row.explanation = "{\"input\":\"1\"}"
        row.firstByte = 3
        row.address = "10.0.0.1"
        row.source = "counted"
        for (index, field) in Self.fields.enumerated() { row.counts[keyPath: field] = index + 1 }
        let store = try await store([row])
        var stored = try await store.usage(id: "r", owner: "1")
        #expect(stored.movement != nil)
        #expect(await code { _ = try await store.usage(id: "r", owner: "2") } == .notFound)
        #expect(try await store.usage(id: "r", owner: nil) == stored)
        stored.movement = nil
        #expect(stored == row)
    }

    @Test func `pages are newest first and meet without gap or overlap`() async throws {
        // Three rows a millisecond, and ids that do not sort by time.
        let rows = (0..<50).map { index in
            Fixture.usage("r\((index * 37) % 50)", user: index % 2 == 0 ? "1" : "2", started: Int64(index / 3))
        }
        let store = try await store(rows)
        for filter in [UsageFilter(), UsageFilter(userID: "1")] {
            var seen: [UsageRow] = []
            var before: String?
            while case let page = try await store.usage(filter, before: before, limit: 7), !page.isEmpty {
                seen += page
                before = page.last?.id
            }
            let expected = rows.filter { filter.userID == nil || $0.userID == filter.userID }
                .sorted { ($0.started, $0.id) > ($1.started, $1.id) }
            #expect(seen.map(\.id) == expected.map(\.id))
        }
        #expect(try await store.usage(UsageFilter(), before: "unknown", limit: 5).isEmpty)
        #expect(try await store.usage(UsageFilter(), limit: -1).isEmpty)
    }

    @Test func `wild cards in a search mean themselves`() async throws {
        let models = ["gpt-4o", "100%", "a_b", "aXb", "wow!", "GPT-4"]
        let store = try await store(models.enumerated().map { Fixture.usage("r\($0)", user: "1", model: $1) })
        func found(_ text: String) async throws -> Set<String> {
            var filter = UsageFilter()
            filter.modelContains = text
            return Set(try await store.usage(filter, limit: 100).map(\.model))
        }
        #expect(try await found("%") == ["100%"])
        #expect(try await found("_") == ["a_b"])
        #expect(try await found("!") == ["wow!"])
        #expect(try await found("gpt") == ["gpt-4o", "GPT-4"])
        #expect(try await found("'; DROP TABLE usage_log; --") == [])
        #expect(try await found("") == Set(models))
        #expect(await code { _ = try await found(String(repeating: "%", count: 201)) } == .invalid)
    }

    @Test func `every filter narrows`() async throws {
        var special = Fixture.usage("s", user: "1", key: "k", model: "m2", started: 50)
        special.channelID = "c"
        special.endpoint = "embeddings"
        special.outcome = "client_abort"
        let rows = [special, Fixture.usage("a", user: "1", started: 49), Fixture.usage("b", user: "2", started: 51)]
        let store = try await store(rows)
        for change in [
            { $0.keyID = "k" }, { $0.channelID = "c" }, { $0.model = "m2" }, { $0.endpoint = "embeddings" },
            { $0.outcome = "client_abort" }, { ($0.from, $0.to) = (50, 51) },
        ] as [(inout UsageFilter) -> Void] {
            var filter = UsageFilter()
            change(&filter)
            #expect(try await store.usage(filter, limit: 10).map(\.id) == ["s"])
        }
    }

    @Test func `sums are by day, by model and over all`() async throws {
        var rows = [
            Fixture.usage("a", user: "1", cost: "1", model: "x", started: 5),
            Fixture.usage("b", user: "1", cost: "2", model: "y", started: Self.day - 1),
            Fixture.usage("c", user: "2", cost: "4", model: "x", started: Self.day),
        ]
        for index in rows.indices { rows[index].counts.outputTokens = 10 }
        let store = try await store(rows)
        let days = try await store.usageSummary(UsageFilter(), by: .day)
        #expect(days.map(\.label) == ["0", "\(Self.day)"])
        #expect(days.map(\.requests) == [2, 1])
        #expect(days.map(\.cost) == [Fixture.dollars("3"), Fixture.dollars("4")])
        let models = try await store.usageSummary(UsageFilter(), by: .model)
        #expect(models.map(\.label) == ["x", "y"])
        #expect(models.first?.counts.outputTokens == 20)
        let total = try await store.usageSummary(UsageFilter(userID: "1"), by: .total)
        #expect(total.map(\.cost) == [Fixture.dollars("3")])
        for dimension in UsageSummary.Dimension.allCases {
            let sums = try await store.usageSummary(UsageFilter(), by: dimension)
            #expect(sums.map(\.requests).reduce(0, +) == 3)
        }
        #expect(try await store.usageSummary(UsageFilter(userID: "nobody"), by: .model).isEmpty)
    }

    private static var fields: [WritableKeyPath<UsageCounts, Int>] {
        [
            \.inputTokens, \.cacheReadTokens, \.cacheWriteTokens, \.cacheWriteLongTokens, \.audioInputTokens,
            \.imageInputTokens, \.outputTokens, \.reasoningTokens, \.audioOutputTokens, \.imageOutputTokens,
            \.audioMilliseconds, \.characters, \.images, \.requests, \.searches,
        ]
    }
}
