import ElkGateway
import ElkProviders
import ElkStorage
import ElkTestSupport
import ElkWire
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(3))) struct StreamTests {
    @Test func `a stream passes byte for byte and is paid as reported`() async throws {
        try await FakeUpstream.with { _ in
            .events(Chat.stream(), every: .milliseconds(5))
        } _: { upstream async throws in
            let test = try await TestGateway(channels: [.to(upstream)])
            let reply = try await test.chat(stream: true)
            #expect(reply.header("content-type")?.hasPrefix("text/event-stream") == true)
            #expect(reply.header("x-accel-buffering") == "no")
            let text = try await reply.text()
            #expect(text.hasPrefix(Chat.delta("Hel") + Chat.delta("lo") + Chat.last))
            #expect(text.hasSuffix(Chat.done))
            let rows = try await test.rows()
            #expect(rows.map(\.outcome) == ["completed"])
            #expect(rows.map(\.source) == ["reported"])
            #expect(rows.map(\.counts.outputTokens) == [2])
            #expect(rows.first?.firstByte != nil)
        }
    }

    @Test(arguments: [1, 20, 150, 250, 400])
    func `a stream that is cut ends with an error event, never as if it were whole`(extra: Int) async throws {
        let events = Chat.stream(["one", "two", "three"])
        let cut = FakeAnswer.streamHead.utf8.count + Chat.delta("one").utf8.count + extra
        try await FakeUpstream.with { _ in
            FakeAnswer.events(events, every: .milliseconds(20)).cut(after: cut)
        } _: { upstream async throws in
            let test = try await TestGateway(channels: [.to(upstream)])
            let result = await Result { try await test.chat(stream: true).text() }
            if let text = try? result.get() {
                #expect(!text.contains("[DONE]"))
                #expect(text.contains(#""error""#))
                #expect(text.hasSuffix("\n\n"))
                // Every event that the client sees is whole.
                for event in text.split(separator: "\n\n") {
                    let data = event.dropFirst("data: ".count)
                    #expect(throws: Never.self) { try JSONSlice(validating: ByteBuffer(string: String(data))) }
                }
            }
            let rows = try await test.rows()
            #expect(rows.map(\.outcome) == ["upstream_failure"])
            #expect(test.settlement.occupied == 0)
        }
    }

    @Test func `a stream that stands still is cut after its time`() async throws {
        let answer = FakeAnswer([
            .bytes(ByteBuffer(string: FakeAnswer.streamHead)), .bytes(FakeAnswer.chunk(Chat.delta("a"))), .stall,
        ])
        try await FakeUpstream.with { _ in
            answer
        } _: { upstream async throws in
            let test = try await TestGateway(channels: [.to(upstream, options: #"{"idle_seconds":0.5}"#)])
            let text = try await test.chat(stream: true).text()
            #expect(text.contains(#""error""#))
            #expect(text.contains("timeout"))
            #expect(await upstream.wait { $0.abandoned == 1 })
            #expect(try await test.rows().map(\.outcome) == ["upstream_failure"])
        }
    }

    @Test func `a silent stream gets keep-alives between its events`() async throws {
        var settings = Gateway.Settings()
        settings.quiet = .milliseconds(100)
        let gate = Gate()
        let answer = FakeAnswer([
            .bytes(ByteBuffer(string: FakeAnswer.streamHead)), .wait(gate),
            .bytes(FakeAnswer.chunk(Chat.delta("a") + Chat.last + Chat.usage + Chat.done)),
            .bytes(ByteBuffer(string: "0\r\n\r\n")),
        ])
        let quiet = settings
        try await FakeUpstream.with { _ in
            answer
        } _: { upstream async throws in
            let test = try await TestGateway(channels: [.to(upstream)], settings: quiet)
            let stream = try #require(try await test.chat(stream: true).stream)
            #expect(try await stream.next().map { String(buffer: $0) } == ": ping\n\n")
            gate.open()
            var text = ""
            while let chunk = try await stream.next() { text += String(buffer: chunk) }
            #expect(text.contains(Chat.delta("a")))
            #expect(text.hasSuffix(Chat.done))
            #expect(try await test.rows().map(\.outcome) == ["completed"])
        }
    }

    @Test func `where the channel says so the upstream is read on after the client has left, for what it used`()
        async throws
    {
        try await FakeUpstream.with { _ in
            .events(Chat.stream(["a", "b", "c", "d"]), every: .milliseconds(20))
        } _: { upstream async throws in
            let test = try await TestGateway(channels: [.to(upstream, options: #"{"drain_seconds":5}"#)])
            let stream = try #require(try await test.chat(stream: true).stream)
            _ = try await stream.next()
            stream.clientLeft()
            #expect(try await stream.next() == nil)
            let rows = try await test.rows()
            #expect(rows.map(\.outcome) == ["client_abort"])
            #expect(rows.map(\.source) == ["reported"])
            #expect(rows.map(\.counts.outputTokens) == [2])
            #expect(upstream.abandoned == 0)
        }
    }

    @Test func `reading on has an end, too`() async throws {
        try await FakeUpstream.with { _ in
            .endless(Chat.delta("tick"))
        } _: { upstream async throws in
            let test = try await TestGateway(channels: [.to(upstream, options: #"{"drain_seconds":0.2}"#)])
            let stream = try #require(try await test.chat(stream: true).stream)
            _ = try await stream.next()
            stream.clientLeft()
            let rows = try await test.rows()
            #expect(rows.map(\.outcome) == ["client_abort"])
            #expect(rows.map(\.source) == ["counted"])
            #expect(await upstream.wait { $0.abandoned == 1 })
        }
    }

    @Test func `a stream that is dropped has lost its client`() async throws {
        try await FakeUpstream.with { _ in
            .endless(Chat.delta("tick"))
        } _: { upstream async throws in
            let test = try await TestGateway(channels: [.to(upstream)])
            do { _ = try await test.chat(stream: true) }
            #expect(try await test.rows().map(\.outcome) == ["client_abort"])
            #expect(await upstream.wait { $0.abandoned == 1 })
        }
    }

    @Test func `a compressed answer that nobody asked for is refused`() async throws {
        let answer = FakeAnswer.whole(
            "xx",
            headers: [("content-type", "application/json"), ("content-encoding", "gzip")]
        )
        try await FakeUpstream.with { _ in
            answer
        } _: { upstream async throws in
            let test = try await TestGateway(channels: [.to(upstream)])
            let failure = await #expect(throws: Failure.self) { _ = try await test.chat() }
            #expect(failure?.status == 502)
            _ = try await test.rows()
        }
    }

    @Test func `nothing of the client's credential goes up and nothing of the provider's identity comes down`()
        async throws
    {
        let answer = FakeAnswer.whole(
            Chat.whole,
            headers: [
                ("content-type", "application/json"), ("set-cookie", "session=canary"), ("server", "canary"),
                ("x-request-id", "canary"), ("openai-organization", "canary"), ("location", "http://canary"),
                ("x-ratelimit-remaining-requests", "7"), ("openai-processing-ms", "12"),
            ]
        )
        try await FakeUpstream.with { _ in
            answer
        } _: { upstream async throws in
            let test = try await TestGateway(channels: [.to(upstream)])
            let reply = try await test.gateway.handle(
                try .chat(),
                from: Client(credential: "sk-client-canary", address: "127.0.0.1")
            )
            #expect(!reply.headers.contains { $0.value.contains("canary") })
            #expect(!reply.headers.contains { $0.name.hasPrefix("x-ratelimit") })
            let sent = try #require(upstream.requests.first)
            #expect(!sent.headers.contains { $0.value.contains("client-canary") })
            #expect(sent.header("authorization") == "Bearer \(TestGateway.secret)")
            _ = try await test.rows()
        }
    }

    @Test func `a thousand streams run beside each other without mixing`() async throws {
        try await FakeUpstream.with { request in
            .events(Chat.stream([request.header("traceparent") ?? "none", "x", "y"]), every: .milliseconds(20))
        } _: { upstream async throws in
            let test = try await TestGateway(channels: [.to(upstream)])
            let good = await withTaskGroup { group in
                for number in 0..<1000 {
                    group.addTask {
                        guard var call = try? Call.chat(stream: true) else { return false }
                        call.headers = [("traceparent", "number-\(number)-")]
                        let reply = try? await test.gateway.handle(call, from: Client(address: "127.0.0.1"))
                        let text = try? await reply?.text()
                        return text?.contains("\"number-\(number)-\"") == true && text?.hasSuffix(Chat.done) == true
                    }
                }
                var good = 0
                for await isGood in group where isGood { good += 1 }
                return good
            }
            #expect(good == 1000)
            #expect(try await test.rows(1000).allSatisfy { $0.outcome == "completed" })
        }
    }
}
