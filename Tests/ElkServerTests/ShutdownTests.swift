import ElkGateway
import ElkServer
import ElkTestSupport
import ElkWire
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(3)))
struct ShutdownTests {
    /// Work that says when it has begun and ends when it is told to or cancelled.
    private struct Gate {
        private let begin = AsyncStream<Void>.makeStream()
        private let end = AsyncStream<Void>.makeStream()

        var started: AsyncStream<Void> { begin.stream }
        func open() { end.continuation.yield() }

        var transcriber: FakeTranscriber {
            let (start, opened) = (begin.continuation, end.stream)
            return FakeTranscriber { _ throws(Failure) in
                start.yield()
                for await _ in opened { return TranscriptionResult(body: ByteBuffer(string: "finished"), duration: 1) }
                throw .server("cancelled", status: 503)
            }
        }
    }

    @Test func `what runs is finished, what comes after it is refused`() async throws {
        let gate = Gate()
        try await TestServer.run(gate.transcriber) { server in
            let idle = try await RawClient(port: server.port)
            let client = try await RawClient(port: server.port)
            try await client.send(TestForm().message)
            for await _ in gate.started { break }
            await server.stop()
            #expect(await idle.isClosedByServer())
            try await client.send(TestServer.message("GET", "/v1/models"))
            // The second request must be there before the first answer closes the connection.
            try await Task.sleep(for: .milliseconds(100))
            gate.open()
            let first = try #require(await client.response())
            #expect(first.status == 200)
            #expect(first.body == "finished")
            #expect(first.headers["connection"] == "close")
            if let second = await client.response() {
                #expect(second.status == 503)
                #expect(second.headers["connection"] == "close")
            }
            #expect(await client.isClosedByServer())
            await #expect(throws: (any Error).self) { try await RawClient(port: server.port) }
        }
    }

    @Test func `patience ends, and with it the work`() async throws {
        let gate = Gate()
        let clock = ContinuousClock()
        var elapsed = Duration.zero
        try await TestServer.run(gate.transcriber, configure: { $0.graceSeconds = 1 }) { server in
            let client = try await RawClient(port: server.port)
            try await client.send(TestForm().message)
            for await _ in gate.started { break }
            let start = clock.now
            await server.stop()
            let response = await client.response()
            elapsed = clock.now - start
            #expect(response == nil || response?.status == 503)
        }
        // The work itself never ends; a busy machine may be late, but not for ever.
        #expect(elapsed > .milliseconds(900))
        #expect(elapsed < .seconds(20))
    }

    @Test(arguments: [
        ("/v1/chat/completions", Sample.streamRequest, "\"code\":\"shutting_down\""),
        (
            "/v1/messages", #"{"model":"m","max_tokens":9,"stream":true,"messages":[{"role":"user","content":"Hi"}]}"#,
            "event: error"
        ),
    ])
    func `a stream that outlives the patience is told why it ends`(path: String, body: String, said: String)
        async throws
    {
        try await FakeUpstream.relayed(server: { $0.graceSeconds = 0 }) { _ in
            .events(Array(Sample.chatEvents.prefix(2)), ends: false)
        } _: { server, _ in
            let client = try await RawClient(port: server.port)
            try await client.send(TestServer.message("POST", path, body: body))
            #expect(await client.text(containing: "Hel") != nil)
            await server.stop()
            let rest = await client.rest()
            #expect(rest.contains(said), "\(rest)")
            #expect(!rest.contains("[DONE]") && !rest.contains("message_stop"))
        }
    }
}
