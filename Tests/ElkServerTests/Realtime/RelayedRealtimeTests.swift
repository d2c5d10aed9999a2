import ElkGateway
import ElkServer
import ElkTestSupport
import ElkWire
import NIOCore
import Testing

/// Sessions that a provider holds: what passes, and how they end.
@Suite(.timeLimit(.minutes(3)))
struct RelayedRealtimeTests {
    private static let greeting: @Sendable (String) -> FakeRealtime.Greeting = { _ in .agree([RealtimeSample.created]) }

    @Test func `events pass both ways byte for byte, under the channel's key and the provider's name of the model`()
        async throws
    {
        let odd = #"{ "type" : "conversation.item.create" , "item":{"text":"caf\u00e9 ☕"} }"#
        try await FakeRealtime.with(
            greeting: Self.greeting,
            answering: { event, session in session.send(#"{"type":"echo", "was":"# + event + "}") }
        ) { provider async throws in
            try await RelayedRealtime.run([provider], mapping: ["talk": "upstream-talk"]) { server, key in
                let (client, _) = try await RelayedRealtime.open(
                    server,
                    key,
                    headers: ["OpenAI-Beta": "realtime=v1", "Cookie": "secret"],
                    until: "session.created"
                )
                try await client.send(event: odd)
                #expect(await client.text(containing: odd) != nil)
                try await client.send(frame: 8, [0x03, 0xE8])
                let (texts, _) = try await client.events()
                #expect(texts == [RealtimeSample.created, #"{"type":"echo", "was":"# + odd + "}"])
                #expect(provider.sessions.first?.texts == [odd])
                let head = try #require(provider.heads.first)
                #expect(head.hasPrefix("GET /v1/realtime?model=upstream-talk HTTP/1.1\r\n"))
                #expect(head.contains("authorization: Bearer sk-upstream-canary-0123456789\r\n"))
                #expect(head.contains("openai-beta: realtime=v1\r\n"))
                #expect(head.contains("sec-websocket-version: 13\r\n"))
                #expect(!head.contains(key) && !head.contains("secret") && !head.contains("extensions"))
            }
        }
    }

    @Test func `a browser names its key and the beta among the protocols`() async throws {
        try await FakeRealtime.with(greeting: Self.greeting) { provider async throws in
            try await RelayedRealtime.run([provider]) { server, key in
                let client = try await RawClient(port: server.port)
                let offer = "realtime, openai-insecure-api-key.\(key), openai-beta.realtime-v1"
                let headers = RelayedRealtime.upgrade.merging(["Sec-WebSocket-Protocol": offer]) { $1 }
                try await client.send(TestServer.message("GET", "/v1/realtime?model=talk", headers: headers))
                let text = try #require(await client.text(containing: "session.created"))
                #expect(text.lowercased().contains("sec-websocket-protocol: realtime\r\n"))
                let head = try #require(provider.heads.first)
                #expect(head.contains("openai-beta: realtime=v1\r\n") && !head.contains("sec-websocket-protocol"))
            }
        }
    }

    @Test func `pieces of a message come as one, and pings are answered by the side that gets them`() async throws {
        try await FakeRealtime.with(greeting: Self.greeting) { provider async throws in
            try await RelayedRealtime.run([provider]) { server, key in
                let (client, _) = try await RelayedRealtime.open(server, key, until: "session.created")
                let session = try #require(provider.sessions.first)
                var frames = ByteBuffer(bytes: [0x01, 3] + Array("{\"a".utf8))
                frames.writeImmutableBuffer(WebSocketWriter.frame(.ping, ByteBuffer(string: "x"), mask: nil))
                frames.writeBytes([0x80, 4] + Array("\":1}".utf8))
                session.send(raw: frames)
                #expect(await client.text(containing: #"{"a":1}"#) != nil)
                try await client.send(frame: 9, Array("are you there".utf8))
                #expect(await client.text(containing: "are you there") != nil)
                #expect(session.texts.isEmpty)
            }
        }
    }

    @Test func `the client's goodbye reaches the provider with its code`() async throws {
        try await FakeRealtime.with(greeting: Self.greeting) { provider async throws in
            try await RelayedRealtime.run([provider]) { server, key in
                let (client, id) = try await RelayedRealtime.open(server, key, until: "session.created")
                try await client.send(frame: 8, [0x0F, 0xA1] + Array("enough".utf8))
                #expect(await provider.wait { $0.sessions.first?.isOver == true })
                #expect(provider.sessions.first?.closing == WebSocketClosing(WebSocketCode(rawValue: 4001), "enough"))
                let row = try await RelayedRealtime.generation(server, key, id)
                #expect(row.contains(#""status":"completed""#) && row.contains(#""http_status":101"#))
            }
        }
    }

    @Test func `the provider's goodbye reaches the client with its code, and without what is not its business`()
        async throws
    {
        try await FakeRealtime.with(greeting: Self.greeting) { provider async throws in
            try await RelayedRealtime.run([provider]) { server, key in
                let (client, id) = try await RelayedRealtime.open(server, key, until: "session.created")
                provider.sessions.first?.close(WebSocketCode(rawValue: 4002), "see sk-proj-abcdefgh12345678")
                let (_, closing) = try await client.events()
                #expect(closing?.code.rawValue == 4002 && closing?.reason == "see [key]")
                let row = try await RelayedRealtime.generation(server, key, id)
                #expect(row.contains(#""status":"upstream_failure""#))
            }
        }
    }

    @Test func `a provider that vanishes is an error event and a close`() async throws {
        try await FakeRealtime.with(greeting: Self.greeting) { provider async throws in
            try await RelayedRealtime.run([provider]) { server, key in
                let (client, id) = try await RelayedRealtime.open(server, key, until: "session.created")
                provider.sessions.first?.cut()
                let (texts, closing) = try await client.events()
                #expect(texts.last?.contains(#""type":"error""#) == true)
                #expect(texts.last?.contains(#""code":"upstream_cut""#) == true)
                #expect(closing?.code == .serverFault)
                let row = try await RelayedRealtime.generation(server, key, id)
                #expect(row.contains(#""status":"upstream_failure""#) && row.contains(#""cost":"0""#))
            }
        }
    }

    @Test(
        arguments: [
            // Masked, with a reserved bit, of an unknown kind, a continuation of nothing, not UTF-8, too long.
            [0x81, 0x81, 1, 2, 3, 4, 0x60], [0xC1, 0x01, 0x61], [0x83, 0x01, 0x61], [0x80, 0x01, 0x61],
            [0x81, 0x02, 0xC3, 0x28], [0x81, 0x7F, 0x7F, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF],
        ] as [[UInt8]]
    )
    func `a provider that breaks the protocol is told so, and the client that it ended`(frame: [UInt8]) async throws {
        try await FakeRealtime.with(greeting: Self.greeting) { provider async throws in
            try await RelayedRealtime.run([provider]) { server, key in
                let (client, _) = try await RelayedRealtime.open(server, key, until: "session.created")
                provider.sessions.first?.send(raw: ByteBuffer(bytes: frame))
                let (texts, closing) = try await client.events()
                #expect(texts.last?.contains(#""code":"upstream_cut""#) == true)
                #expect(closing?.code == .serverFault)
                #expect(await provider.wait { $0.sessions.first?.closing != nil })
                let code = provider.sessions.first?.closing?.code
                #expect([.protocolError, .invalidText, .messageTooLarge].contains(code))
            }
        }
    }

    @Test func `a message of the client's that is too long ends the session on both sides`() async throws {
        try await FakeRealtime.with(greeting: Self.greeting) { provider async throws in
            try await RelayedRealtime.run([provider]) { server, key in
                let (client, _) = try await RelayedRealtime.open(server, key, until: "session.created")
                // The head of a frame of 16 MiB is enough.
                try await client.send(raw: [0x81, 0xFF, 0, 0, 0, 0, 1, 0, 0, 0, 1, 2, 3, 4])
                let (_, closing) = try await client.events()
                #expect(closing?.code == .messageTooLarge)
                #expect(await provider.wait { $0.sessions.first?.isOver == true })
                #expect(provider.sessions.first?.closing?.code == .goingAway)
            }
        }
    }

    @Test(arguments: [
        (#"{"type":"session.update","event_id":"e1","session":{"model":"other"}}"#, "cannot_update_model"),
        (
            #"{"type":"session.update","event_id":"e1","session":{"audio":{"input":{"transcription":{"model":"free"}}}}}"#,
            "model_price_error"
        ),
        (
            #"{"type":"transcription_session.update","event_id":"e1","session":{"input_audio_transcription":{"model":"free"}}}"#,
            "model_price_error"
        ),
        (#"{"type":"a","event_id":"e1","type":"session.update","session":{}}"#, "invalid_event"),
        (#"{"type":"#, "invalid_json"), ("[]", "invalid_event"),
    ])
    func `what would change who is paid is answered here and goes no further`(event: String, code: String) async throws
    {
        try await FakeRealtime.with(
            greeting: Self.greeting,
            answering: { event, session in if event.contains("last") { session.send(#"{"type":"got"}"#) } }
        ) { provider async throws in
            try await RelayedRealtime.run([provider]) { server, key in
                let (client, _) = try await RelayedRealtime.open(server, key, until: "session.created")
                try await client.send(event: event)
                let text = try #require(await client.text(containing: #""code":"\#(code)""#))
                #expect(text.contains(#""type":"error""#))
                try await client.send(event: #"{"type":"last"}"#)
                #expect(await client.text(containing: #"{"type":"got"}"#) != nil)
                #expect(provider.sessions.first?.texts == [#"{"type":"last"}"#])
            }
        }
    }

    @Test func `models in a session's settings get the provider's names`() async throws {
        let update =
            #"{"type":"session.update","session":{"model":"talk","audio":{"input":{"transcription":{"model":"scribe","language":"en"}}}}}"#
        let sent = update.replacing("talk", with: "upstream-talk").replacing("\"scribe\"", with: "\"upstream-scribe\"")
        try await FakeRealtime.with(
            greeting: Self.greeting,
            answering: { _, session in session.send(#"{"type":"session.updated"}"#) }
        ) { provider async throws in
            let mapping = ["talk": "upstream-talk", "scribe": "upstream-scribe"]
            try await RelayedRealtime.run([provider], mapping: mapping) { server, key in
                let (client, _) = try await RelayedRealtime.open(server, key, until: "session.created")
                try await client.send(event: update)
                #expect(await client.text(containing: "session.updated") != nil)
                #expect(provider.sessions.first?.texts == [sent])
            }
        }
    }

    @Test func `a session ends when it has lasted as long as it may`() async throws {
        try await FakeRealtime.with(greeting: Self.greeting) { provider async throws in
            try await RelayedRealtime.run([provider], gateway: { $0.realtimeSeconds = 1 }) { server, key in
                let (client, id) = try await RelayedRealtime.open(server, key, until: "session.created")
                let (texts, closing) = try await client.events()
                #expect(texts.last?.contains(#""code":"session_expired""#) == true)
                #expect(closing?.code == .goingAway)
                #expect(await provider.wait { $0.sessions.first?.isOver == true })
                #expect(try await RelayedRealtime.generation(server, key, id).contains(#""status":"incomplete""#))
            }
        }
    }

    @Test func `a server that stops says so before it closes`() async throws {
        try await FakeRealtime.with(greeting: Self.greeting) { provider async throws in
            try await RelayedRealtime.run([provider]) { server, key in
                let (client, _) = try await RelayedRealtime.open(server, key, until: "session.created")
                await server.stop()
                let (texts, closing) = try await client.events()
                #expect(texts.last?.contains(#""code":"shutting_down""#) == true)
                #expect(closing?.code == .goingAway)
                #expect(await provider.wait { $0.sessions.first?.closing?.code == .goingAway })
            }
        }
    }
}
