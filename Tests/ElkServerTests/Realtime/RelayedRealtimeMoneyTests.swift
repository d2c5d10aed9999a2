import ElkGateway
import ElkServer
import ElkStorage
import ElkTestSupport
import ElkWire
import NIOCore
import Testing

/// Sessions that a provider holds: who is let in, where they go, and what they cost.
@Suite(.timeLimit(.minutes(3)))
struct RelayedRealtimeMoneyTests {
    private static let greeting: @Sendable (String) -> FakeRealtime.Greeting = { _ in .agree([RealtimeSample.created]) }

    @Test func `each response is paid once, and transcriptions at the price of who transcribes`() async throws {
        let update = #"{"type":"session.update","session":{"input_audio_transcription":{"model":"scribe"}}}"#
        try await FakeRealtime.with(
            greeting: Self.greeting,
            answering: { _, session in
                for event in [
                    RealtimeSample.begun(), RealtimeSample.text("Hi."), RealtimeSample.done(), RealtimeSample.done(),
                    RealtimeSample.transcribed(), RealtimeSample.transcribed(), RealtimeSample.begun("r2"),
                    RealtimeSample.done("r2"), #"{"type":"said.it"}"#,
                ] { session.send(event) }
            }
        ) { provider async throws in
            try await RelayedRealtime.run([provider]) { server, key in
                let (client, id) = try await RelayedRealtime.open(server, key, until: "session.created")
                try await client.send(event: update)
                #expect(await client.text(containing: "said.it") != nil)
                try await client.send(frame: 8, [0x03, 0xE8])
                let row = try await RelayedRealtime.generation(server, key, id)
                // Twice 0.01029, and three seconds at a cent.
                #expect(row.contains(#""cost":"0.05058""#))
                #expect(row.contains(#""status":"completed""#) && row.contains(#""usage_source":"reported""#))
                #expect(row.contains(#""endpoint":"realtime""#) && row.contains(#""audio_seconds":3"#))
                #expect(row.contains(#""input_tokens":220"#) && row.contains(#""cache_read_tokens":80"#))
                #expect(row.contains(#""output_tokens":100"#) && row.contains(#""audio_output_tokens":60"#))
                #expect(row.contains(#""attempts":[{"#) && row.contains(#""status":101"#))
            }
        }
    }

    @Test func `a client that vanishes takes the provider's session with it`() async throws {
        try await FakeRealtime.with(greeting: Self.greeting) { provider async throws in
            try await RelayedRealtime.run([provider]) { server, key in
                let (client, id) = try await RelayedRealtime.open(server, key, until: "session.created")
                try await client.reset()
                #expect(await provider.wait { $0.sessions.first?.isOver == true })
                #expect(provider.sessions.first?.closing?.code == .goingAway)
                let row = try await RelayedRealtime.generation(server, key, id)
                #expect(row.contains(#""status":"client_abort""#) && row.contains(#""cost":"0""#))
            }
        }
    }

    @Test func `a response that nobody waits for any more is cancelled, and paid as the provider says`() async throws {
        try await FakeRealtime.with(
            greeting: { _ in .agree([RealtimeSample.created, RealtimeSample.begun(), RealtimeSample.text("Hi.")]) },
            answering: { event, session in
                if event == #"{"type":"response.cancel"}"# { session.send(RealtimeSample.done()) }
            }
        ) { provider async throws in
            try await RelayedRealtime.run([provider]) { server, key in
                let (client, id) = try await RelayedRealtime.open(server, key, until: "Hi.")
                try await client.reset()
                let row = try await RelayedRealtime.generation(server, key, id)
                #expect(row.contains(#""status":"client_abort""#))
                #expect(row.contains(#""cost":"\#(RealtimeSample.price)""#))
                #expect(row.contains(#""usage_source":"reported""#))
                #expect(await provider.wait { $0.sessions.first?.isOver == true })
            }
        }
    }

    @Test func `a response whose report never comes is paid as far as it came`() async throws {
        let audio = String(repeating: "A", count: 32_000)
        let delta = #"{"type":"response.output_audio.delta","response_id":"r1","delta":"\#(audio)"}"#
        try await FakeRealtime.with(
            greeting: { _ in .agree([RealtimeSample.begun(), delta, #"{"type":"half.way"}"#]) }
        ) { provider async throws in
            try await RelayedRealtime.run([provider]) { server, key in
                let (client, id) = try await RelayedRealtime.open(server, key, until: "half.way")
                try await client.reset()
                let row = try await RelayedRealtime.generation(server, key, id)
                // Half a second of audio: ten tokens at 200 dollars for a million.
                #expect(row.contains(#""cost":"0.002""#) && row.contains(#""usage_source":"counted""#))
                _ = provider
            }
        }
    }

    @Test func `a session that the balance does not cover any more ends with an error event`() async throws {
        try await FakeRealtime.with(
            greeting: Self.greeting,
            answering: { _, session in session.send(RealtimeSample.done("r1", times: 200)) }
        ) { provider async throws in
            // 4,096 tokens at the dearest rate are held for the first response; this one costs two dollars.
            try await RelayedRealtime.run([provider], balance: "1") { server, key in
                let (client, id) = try await RelayedRealtime.open(server, key, until: "session.created")
                try await client.send(event: #"{"type":"response.create"}"#)
                let (texts, closing) = try await client.events()
                #expect(texts.dropLast().last?.contains("response.done") == true)
                #expect(texts.last?.contains(#""code":"balance_exhausted""#) == true)
                #expect(closing?.code == .policyViolation)
                #expect(await provider.wait { $0.sessions.first?.isOver == true })
                let row = try await RelayedRealtime.generation(server, key, id)
                #expect(row.contains(#""status":"limit_cut""#) && row.contains(#""cost":"2.058""#))
            }
        }
    }

    @Test func `a long session draws on as it goes`() async throws {
        try await FakeRealtime.with(
            greeting: Self.greeting,
            answering: { event, session in
                let id = String(event.utf8.count)
                for event in [RealtimeSample.begun(id), RealtimeSample.done(id, times: 50), #"{"type":"done.\#(id)"}"#]
                {
                    session.send(event)
                }
            }
        ) { provider async throws in
            try await RelayedRealtime.run([provider]) { server, key in
                let (client, id) = try await RelayedRealtime.open(server, key, until: "session.created")
                for turn in 1...8 {
                    let event = #"{"type":"response.create","event_id":"\#(String(repeating: "x", count: turn))"}"#
                    try await client.send(event: event)
                    #expect(await client.text(containing: "done.\(event.utf8.count)") != nil)
                }
                try await client.send(frame: 8, [0x03, 0xE8])
                // Eight times half a dollar and a bit.
                #expect(try await RelayedRealtime.generation(server, key, id).contains(#""cost":"4.116""#))
                _ = provider
            }
        }
    }

    @Test func `a provider that refuses is passed over`() async throws {
        try await FakeRealtime.with(
            greeting: { _ in .refuse(status: 503, #"{"error":{"message":"Overloaded","type":"server_error"}}"#) }
        ) { first async throws in
            try await FakeRealtime.with(greeting: Self.greeting) { second async throws in
                try await RelayedRealtime.run([first, second]) { server, key in
                    let (client, id) = try await RelayedRealtime.open(server, key, until: "session.created")
                    try await client.send(frame: 8, [0x03, 0xE8])
                    #expect(first.heads.count == 1 && second.sessions.count == 1)
                    let row = try await RelayedRealtime.generation(server, key, id)
                    #expect(row.contains(#""status":503"#) && row.contains(#""status":101"#))
                }
            }
        }
    }

    @Test(arguments: [
        (503, #"{"error":{"message":"Overloaded","type":"server_error"}}"#, [502, 503]),
        (401, #"{"error":{"message":"Bad key sk-1234567890","type":"invalid_request_error"}}"#, [502, 503]),
        (404, #"{"error":{"message":"No such model","code":"model_not_found"}}"#, [404, 502, 503]),
        (200, "{}", [502, 503]),
    ])
    func `when all refuse, the client gets an answer in words of HTTP`(status: Int, body: String, seen: [Int])
        async throws
    {
        try await FakeRealtime.with(greeting: { _ in .refuse(status: status, body) }) { provider async throws in
            try await RelayedRealtime.run([provider]) { server, key in
                let headers = RelayedRealtime.upgrade.merging(["Authorization": "Bearer \(key)"]) { $1 }
                let response = try await server.request("GET", "/v1/realtime?model=talk", headers: headers)
                #expect(seen.contains(response?.status ?? 0), "\(response?.status ?? 0)")
                #expect(response?.body.contains(#"{"error":{"message":"#) == true)
                #expect(response?.body.contains("sk-1234567890") == false)
                let id = try #require(response?.headers["x-request-id"])
                let row = try await RelayedRealtime.generation(server, key, id)
                #expect(row.contains(#""status":"upstream_failure""#) && row.contains(#""cost":"0""#))
            }
        }
    }

    @Test(arguments: [
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n",
        "220 mail ready\r\n\r\n",
    ])
    func `what is no handshake is a failure of the provider`(answer: String) async throws {
        try await FakeRealtime.with(greeting: { _ in .bytes(answer) }) { provider async throws in
            try await RelayedRealtime.run([provider]) { server, key in
                let headers = RelayedRealtime.upgrade.merging(["Authorization": "Bearer \(key)"]) { $1 }
                let response = try await server.request("GET", "/v1/realtime?model=talk", headers: headers)
                #expect(response?.status == 502)
                _ = provider
            }
        }
    }

    @Test func `who may not is told before the switch`() async throws {
        try await FakeRealtime.with(greeting: Self.greeting) { provider async throws in
            try await RelayedRealtime.run([provider], balance: "0.01") { server, key in
                let cases: [(path: String, key: String?, status: Int)] = [
                    ("/v1/realtime?model=talk", nil, 401), ("/v1/realtime?model=talk", "sk-nobody", 401),
                    // The first response is not covered.
                    ("/v1/realtime?model=talk", key, 403),
                    // Nobody has named a price for it; and what is no name.
                    ("/v1/realtime?model=none", key, 400), ("/v1/realtime?model=a%20b", key, 400),
                ]
                for wanted in cases {
                    let own = wanted.key.map { ["Authorization": "Bearer \($0)"] } ?? [:]
                    let headers = RelayedRealtime.upgrade.merging(own) { $1 }
                    let response = try await server.request("GET", wanted.path, headers: headers)
                    #expect(response?.status == wanted.status)
                }
                #expect(provider.heads.isEmpty)
            }
        }
    }

    @Test func `a client that leaves during the handshake is waited for by nobody`() async throws {
        try await FakeRealtime.with(greeting: { _ in .silence }) { provider async throws in
            try await RelayedRealtime.run([provider]) { server, key in
                let client = try await RawClient(port: server.port)
                let headers = RelayedRealtime.upgrade.merging(["Authorization": "Bearer \(key)"]) { $1 }
                try await client.send(TestServer.message("GET", "/v1/realtime?model=talk", headers: headers))
                #expect(await provider.wait { $0.heads.count == 1 })
                try await client.close()
                var log: [UsageRow] = []
                for _ in 0..<600 where log.isEmpty {
                    log = try await server.administration.log(UsageFilter())
                    try await Task.sleep(for: .milliseconds(10))
                }
                #expect(log.first?.outcome == "client_abort" && log.first?.cost == .zero)
            }
        }
    }

    @Test func `transcription by the engine goes on beside a channel, and its own models go nowhere else`() async throws
    {
        try await FakeRealtime.with(greeting: Self.greeting) { provider async throws in
            try await RelayedRealtime.run([provider]) { server, key in
                // The engine's model, and a model that no channel has.
                for query in [
                    "model=whisper-1", "model=whisper-1&intent=transcription", "intent=transcription&model=x",
                ] {
                    let (client, _) = try await RelayedRealtime.open(
                        server,
                        key,
                        path: "/v1/realtime?\(query)",
                        until: #""type":"transcription""#
                    )
                    #expect(await client.text(containing: "session.created") != nil)
                }
                #expect(provider.heads.isEmpty)
                // A model that the channel has, and that the engine would have stood in for.
                _ = try await RelayedRealtime.open(
                    server,
                    key,
                    path: "/v1/realtime?model=talk&intent=transcription",
                    until: "session.created"
                )
                #expect(provider.heads.first?.hasPrefix("GET /v1/realtime?intent=transcription HTTP/1.1") == true)
            }
        }
    }
}
