import ElkGateway
import ElkProviders
import ElkStorage
import ElkTestSupport
import ElkWire
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(3))) struct RetryTests {
    static let busy = FakeAnswer.whole(
        #"{"error":{"message":"Slow down","type":"rate_limit_error"}}"#,
        status: 429,
        headers: [("content-type", "application/json"), ("retry-after", "30")]
    )

    static func failing(_ status: Int) -> FakeAnswer {
        .whole(#"{"error":{"message":"No","type":"some_error"}}"#, status: status)
    }

    @Test func `429 on one channel and 200 on the next is one charge and two attempts`() async throws {
        try await FakeUpstream.with { _ in
            Self.busy
        } _: { a async throws in
            try await FakeUpstream.with { _ in
                .whole(Chat.whole)
            } _: { b async throws in
                let test = try await TestGateway(channels: [.to(a, named: "a", priority: 1), .to(b, named: "b")])
                let reply = try await test.chat()
                #expect(reply.status == 200)
                #expect(try await reply.text() == Chat.whole)
                let rows = try await test.rows()
                #expect(rows.count == 1)
                #expect(rows.first?.channelID == "b")
                #expect(rows.first?.outcome == "completed")
                #expect(rows.first?.counts.inputTokens == 3)
                let record = try #require(test.records.all.first)
                #expect(record.ending.attempts.map(\.status) == [429, 200])
                #expect(record.ending.attempts.map(\.channelID) == ["a", "b"])
                // While its time is not over, the first is not asked again.
                _ = try await test.chat()
                #expect(a.requests.count == 1)
                #expect(b.requests.count == 2)
            }
        }
    }

    /// Statuses of the provider, whether the next channel is asked, and what a client of a lone channel gets.
    static let table: [(status: Int, isRetried: Bool, client: Int)] = [
        (400, false, 400), (401, true, 503), (403, true, 503), (413, false, 413), (422, false, 422),
        (429, true, 429), (500, true, 502), (502, true, 502), (503, true, 503), (529, true, 503),
    ]

    @Test(arguments: table.indices) func `each status leads where the table says`(index: Int) async throws {
        let row = Self.table[index]
        try await FakeUpstream.with { _ in
            Self.failing(row.status)
        } _: { a async throws in
            try await FakeUpstream.with { _ in
                .whole(Chat.whole)
            } _: { b async throws in
                let both = try await TestGateway(channels: [.to(a, named: "a", priority: 1), .to(b, named: "b")])
                let result = await Result { try await both.chat() }
                #expect((try? result.get())?.status == (row.isRetried ? 200 : nil), "\(row.status)")
                #expect(b.requests.count == (row.isRetried ? 1 : 0), "\(row.status)")
                let alone = try await TestGateway(channels: [.to(a, named: "a")])
                let failure = await #expect(throws: Failure.self) { _ = try await alone.chat() }
                #expect(
                    [row.client, 502, 503, 529].contains(failure?.status ?? 0),
                    "\(row.status): \(failure?.status ?? 0)"
                )
                let rows = try await alone.rows()
                #expect(rows.first?.cost == .zero)
                #expect(rows.first?.outcome == "upstream_failure")
            }
        }
    }

    @Test func `a redirect is not followed`() async throws {
        try await FakeUpstream.with { _ in
            .whole("{}")
        } _: { elsewhere async throws in
            let answer = FakeAnswer.whole(
                "",
                status: 307,
                headers: [("location", elsewhere.url + "/v1/chat/completions")]
            )
            try await FakeUpstream.with { _ in
                answer
            } _: { upstream async throws in
                let test = try await TestGateway(channels: [.to(upstream)])
                await #expect(throws: Failure.self) { _ = try await test.chat() }
                #expect(elsewhere.connections == 0)
                _ = try await test.rows()
            }
        }
    }

    @Test func `a dead key is passed over from then on, its channel goes on with the other`() async throws {
        try await FakeUpstream.with { request in
            request.header("authorization") == "Bearer good" ? .whole(Chat.whole) : Self.failing(401)
        } _: { upstream async throws in
            let test = try await TestGateway(channels: [.to(upstream, keys: ["bad", "good"])])
            for _ in 0..<20 { _ = try await test.chat() }
            #expect(upstream.requests.filter { $0.header("authorization") == "Bearer bad" }.count <= 1)
            _ = try await test.rows(20)
        }
    }

    @Test func `tries are bounded, and the client is told not to multiply them`() async throws {
        try await FakeUpstream.with { _ in
            Self.failing(500)
        } _: { upstream async throws in
            let channels = (0..<8).map { ElkStorage.Channel.to(upstream, named: "c\($0)") }
            let test = try await TestGateway(channels: channels)
            let failure = await #expect(throws: Failure.self) { _ = try await test.chat() }
            #expect(upstream.requests.count == 4)
            #expect(failure?.shouldRetry == false)
            _ = try await test.rows()
        }
    }

    @Test func `a short pause is waited out with the same key`() async throws {
        try await FakeUpstream.with { request in
            request.number == 1
                ? .whole("{}", status: 429, headers: [("content-type", "application/json"), ("retry-after-ms", "50")])
                : .whole(Chat.whole)
        } _: { upstream async throws in
            let test = try await TestGateway(channels: [.to(upstream)])
            #expect(try await test.chat().status == 200)
            #expect(upstream.requests.count == 2)
            _ = try await test.rows()
        }
    }

    @Test func `an error event instead of content is a failure that others may mend`() async throws {
        let event = #"data: {"error":{"message":"Overloaded","type":"server_error","code":503}}"# + "\n\n"
        try await FakeUpstream.with { _ in
            .events([event])
        } _: { a async throws in
            try await FakeUpstream.with { _ in
                .events(Chat.stream())
            } _: { b async throws in
                let test = try await TestGateway(channels: [.to(a, named: "a", priority: 1), .to(b, named: "b")])
                let text = try await test.chat(stream: true).text()
                #expect(text.contains("Hel"))
                #expect(!text.contains("Overloaded"))
                #expect(b.requests.count == 1)
                _ = try await test.rows()
            }
        }
    }

    @Test func `an unreachable channel is passed over`() async throws {
        let gone = try await FakeUpstream.start { _ in .close }
        await gone.stop()
        try await FakeUpstream.with { _ in
            .whole(Chat.whole)
        } _: { b async throws in
            let test = try await TestGateway(channels: [.to(gone, named: "a", priority: 1), .to(b, named: "b")])
            #expect(try await test.chat().status == 200)
            #expect(test.records.all.first?.ending.attempts.map(\.status) == [0, 200])
            _ = try await test.rows()
        }
    }

    @Test func `a provider that never answers is a timeout, and not asked twice`() async throws {
        try await FakeUpstream.with { _ in
            .stall
        } _: { upstream async throws in
            let options = #"{"first_byte_seconds":1}"#
            let test = try await TestGateway(channels: [
                .to(upstream, options: options), .to(upstream, named: "b", options: options),
            ])
            let failure = await #expect(throws: Failure.self) { _ = try await test.chat() }
            #expect(failure?.status == 504)
            #expect(await upstream.wait { $0.abandoned == 1 })
            #expect(upstream.requests.count == 1)
            _ = try await test.rows()
        }
    }
}

extension Result where Failure == any Error {
    init(_ body: () async throws -> Success) async {
        do { self = .success(try await body()) } catch { self = .failure(error) }
    }
}
