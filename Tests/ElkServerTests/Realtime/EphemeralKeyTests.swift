import ElkGateway
import ElkServer
import ElkStorage
import ElkTestSupport
import ElkWire
import NIOCore
import Testing

/// Keys that open realtime sessions for a while: who may make them, what they open, and how their sessions begin.
@Suite(.timeLimit(.minutes(3)))
struct EphemeralKeyTests {
    private static let path = "/v1/realtime/client_secrets"
    private static let german =
        #"{"session":{"type":"transcription","audio":{"input":{"transcription":{"model":"whisper-1","language":"de"},"turn_detection":null}}}}"#
    private static let brief = #"{"session":{"type":"realtime","model":"talk","instructions":"Be brief."}}"#
    private static let greeting: @Sendable (String) -> FakeRealtime.Greeting = { _ in .agree([RealtimeSample.created]) }

    private func bearer(_ key: String) -> [String: String] { ["Authorization": "Bearer \(key)"] }

    private func mint(
        _ server: TestServer,
        _ key: String?,
        _ body: String = "{}",
        at path: String = path
    ) async throws -> String {
        let answer = try #require(try await server.post(body, to: path, headers: key.map(bearer) ?? [:]))
        #expect(answer.status == 200, "\(answer.body)")
        #expect(answer.headers["cache-control"] == "no-store")
        let json = try JSONSlice(validating: ByteBuffer(string: answer.body))
        let secret = json["client_secret"] ?? json
        let value = try #require(secret["value"]?.string)
        #expect(value.hasPrefix("ek_"))
        let left = try #require(secret["expires_at"]?.int) - Int(TimeSource.system.now / 1_000)
        #expect((590...600).contains(left))
        return value
    }

    private func open(_ server: TestServer, _ key: String) async throws -> (client: RawClient, id: String) {
        try await RelayedRealtime.open(server, key, path: "/v1/realtime", until: "session.created")
    }

    /// Status and code of an attempt to open a session.
    private func attempt(
        _ server: TestServer,
        _ key: String,
        _ path: String = "/v1/realtime"
    ) async throws -> String {
        let client = try await RawClient(port: server.port)
        try await client.send(
            TestServer.message("GET", path, headers: RelayedRealtime.upgrade.merging(bearer(key)) { $1 })
        )
        let text = try #require(await client.text(containing: "\r\n\r\n"))
        let status = text.split(separator: " ")[1]
        guard status != "101" else { return "101" }
        let body = try #require(await client.text(containing: "}}")).drop { $0 != "{" }
        let code = try JSONSlice(validating: ByteBuffer(string: String(body)))["error", "code"]?.string
        return "\(status) \(code ?? "")"
    }

    private func audio(_ seconds: Double) -> String {
        var text = ByteBuffer()
        [UInt8](repeating: 0x40, count: Int(seconds * 24_000) * 2).withUnsafeBytes { text.writeBase64($0) }
        return #"{"type":"input_audio_buffer.append","audio":"\#(String(buffer: text))"}"#
    }

    // MARK: Local sessions

    @Test func `where no key is needed one is made all the same, and its session begins as it says`() async throws {
        let transcriber = FakeTranscriber()
        try await TestServer.run(transcriber) { server in
            let key = try await mint(server, nil, Self.german)
            let (client, _) = try await open(server, key)
            let text = try #require(await client.text(containing: #""include":[]}}"#))
            #expect(text.contains(#""transcription":{"model":"whisper-1","language":"de","prompt":null}"#))
            #expect(text.contains(#""turn_detection":null"#))
            try await client.send(event: audio(1))
            try await client.send(event: #"{"type":"input_audio_buffer.commit"}"#)
            #expect(await client.text(containing: "input_audio_transcription.completed") != nil)
        }
        #expect(transcriber.jobs.first?.language == "de")
    }

    @Test func `a session's client may still change what its key says`() async throws {
        try await TestServer.run { server in
            let key = try await mint(server, nil, Self.german)
            let (client, _) = try await open(server, key)
            try await client.send(
                event: #"{"type":"session.update","session":{"audio":{"input":{"transcription":{"language":"en"}}}}}"#
            )
            let text = try #require(await client.text(containing: #""language":"en""#))
            #expect(text.contains("session.updated"))
        }
    }

    @Test func `a key without a session leaves all to the address, and opens as often as one likes`() async throws {
        try await TestServer.run(configure: { $0.apiKeys = ["operator"] }) { server in
            let key = try await mint(server, "operator", "")
            for path in ["/v1/realtime?model=whisper-1", "/v1/realtime?intent=transcription"] {
                let (client, _) = try await RelayedRealtime.open(server, key, path: path, until: "session.created")
                #expect(await client.text(containing: #""model":"whisper-1""#) != nil)
            }
        }
    }

    @Test func `a page of another site gets in with an ephemeral key among the protocols`() async throws {
        try await TestServer.run { server in
            let key = try await mint(server, nil, Self.german)
            let client = try await RawClient(port: server.port)
            let headers = RelayedRealtime.upgrade.merging([
                "Origin": "https://example.com", "Sec-WebSocket-Protocol": "realtime, openai-insecure-api-key.\(key)",
            ]) { $1 }
            try await client.send(TestServer.message("GET", "/v1/realtime", headers: headers))
            let text = try #require(await client.text(containing: "session.created"))
            #expect(text.lowercased().contains("sec-websocket-protocol: realtime\r\n") && !text.contains(key))
        }
    }

    @Test(arguments: ["sessions", "transcription_sessions"])
    func `the beta's ways make one, too`(name: String) async throws {
        try await TestServer.run { server in
            let body = #"{"input_audio_transcription":{"model":"whisper-1","language":"de"}}"#
            let key = try await mint(server, nil, body, at: "/v1/realtime/\(name)")
            let (client, _) = try await RelayedRealtime.open(
                server,
                key,
                path: name == "sessions" ? "/v1/realtime?model=whisper-1" : "/v1/realtime",
                headers: ["OpenAI-Beta": "realtime=v1"],
                until: "transcription_session.created"
            )
            let settings = #""input_audio_transcription":{"model":"whisper-1","language":"de""#
            #expect(await client.text(containing: settings) != nil)
        }
    }

    // MARK: Sessions of providers

    @Test func `a provider is told the session before anything of the client's`() async throws {
        try await FakeRealtime.with(
            greeting: Self.greeting,
            answering: { event, session in if event.contains("mine") { session.send(#"{"type":"got"}"#) } }
        ) { provider async throws in
            try await RelayedRealtime.run([provider], mapping: ["talk": "upstream-talk"]) { server, key in
                let ephemeral = try await mint(server, key, Self.brief)
                let (client, id) = try await open(server, ephemeral)
                try await client.send(event: #"{"type":"mine"}"#)
                #expect(await client.text(containing: #"{"type":"got"}"#) != nil)
                #expect(
                    provider.sessions.first?.texts == [
                        #"{"type":"session.update","session":{"type":"realtime","instructions":"Be brief."}}"#,
                        #"{"type":"mine"}"#,
                    ]
                )
                let head = try #require(provider.heads.first)
                #expect(head.hasPrefix("GET /v1/realtime?model=upstream-talk HTTP/1.1\r\n"))
                #expect(!head.contains(ephemeral))
                try await client.send(frame: 8, [0x03, 0xE8])
                // It is a request of the key that the ephemeral one was made with.
                let row = try await RelayedRealtime.generation(server, key, id)
                #expect(row.contains(#""status":"completed""#) && row.contains(#""model":"talk""#))
            }
        }
    }

    @Test func `a session's transcriber has the provider's name and the client's price`() async throws {
        let body =
            #"{"session":{"type":"realtime","model":"talk","audio":{"input":{"transcription":{"model":"scribe"}}}}}"#
        try await FakeRealtime.with(
            greeting: Self.greeting,
            answering: { _, session in session.send(RealtimeSample.transcribed()) }
        ) { provider async throws in
            try await RelayedRealtime.run([provider], mapping: ["scribe": "upstream-scribe"]) { server, key in
                let ephemeral = try await mint(server, key, body)
                let (client, id) = try await RelayedRealtime.open(
                    server,
                    ephemeral,
                    path: "/v1/realtime",
                    until: "transcription.completed"
                )
                #expect(provider.sessions.first?.texts.first?.contains(#"{"model":"upstream-scribe"}"#) == true)
                try await client.send(frame: 8, [0x03, 0xE8])
                // Three seconds at a cent.
                #expect(try await RelayedRealtime.generation(server, key, id).contains(#""cost":"0.03""#))
            }
        }
    }

    @Test func `a session that transcribes asks the provider for one that does`() async throws {
        let body = #"{"session":{"type":"transcription","audio":{"input":{"transcription":{"model":"talk"}}}}}"#
        try await FakeRealtime.with(greeting: Self.greeting) { provider async throws in
            try await RelayedRealtime.run([provider]) { server, key in
                let ephemeral = try await mint(server, key, body)
                _ = try await open(server, ephemeral)
                #expect(provider.heads.first?.contains("intent=transcription") == true)
                #expect(await provider.wait { $0.sessions.first?.texts.first?.contains("session.update") == true })
            }
        }
    }

    // MARK: What does not hold

    @Test func `an ephemeral key opens realtime sessions and nothing else`() async throws {
        try await TestServer.run(configure: { $0.apiKeys = ["operator"] }) { server in
            let key = try await mint(server, "operator")
            for path in ["/v1/models", "/v1/realtime/x", "/v1/audio/voices", "/api/usage/token"] {
                let answer = try await server.request("GET", path, headers: bearer(key))
                #expect(answer?.status == 401 && answer?.body.contains("invalid_ephemeral_key") == true)
            }
            for path in [Self.path, "/v1/chat/completions"] {
                #expect(try await server.post("{}", to: path, headers: bearer(key))?.status == 401)
            }
        }
        try await TestServer.run { server in
            // Not even where any other text would do.
            let key = try await mint(server, nil)
            #expect(try await server.request("GET", "/v1/models", headers: bearer(key))?.status == 401)
        }
    }

    @Test func `an expired key opens nothing, and what it has opened goes on`() async throws {
        try await TestServer.run { server in
            let key = GeneratedKey(.ephemeral)
            let now = TimeSource.system.now
            let row = EphemeralKey(digest: key.digest, minter: nil, opening: nil, expires: now + 1_500)
            #expect(try await server.backend.store.createEphemeralKey(row, limit: 9, now: now))
            let text = key.text.reveal()
            let path = "/v1/realtime?intent=transcription"
            let (client, _) = try await RelayedRealtime.open(server, text, path: path, until: "session.created")
            try await Task.sleep(for: .milliseconds(1_600))
            #expect(try await attempt(server, text, path) == "401 invalid_ephemeral_key")
            try await client.send(event: #"{"type":"session.update","session":{"turn_detection":null}}"#)
            try await client.send(event: audio(1))
            try await client.send(event: #"{"type":"input_audio_buffer.commit"}"#)
            #expect(await client.text(containing: "input_audio_transcription.completed") != nil)
        }
    }

    @Test func `a key that nobody made is refused, also where none is needed`() async throws {
        try await TestServer.run { server in
            let result = try await attempt(server, GeneratedKey(.ephemeral).text.reveal())
            #expect(result == "401 invalid_ephemeral_key")
        }
    }

    @Test func `an ephemeral key holds as long as the one that it was made with`() async throws {
        try await TestServer.run { server in
            let administration = server.administration
            _ = try await administration.createKey(name: "other")
            let (made, text) = try await administration.createKey(name: "k")
            try await server.backend.reload()
            let key = try await mint(server, text.reveal(), Self.german)
            #expect(try await attempt(server, key) == "101")

            var limits = Administration.KeyLimits()
            limits.isEnabled = .set(false)
            _ = try await administration.changeKey(made.id, limits)
            try await server.backend.reload()
            #expect(try await attempt(server, key) == "401 api_key_disabled")

            limits.isEnabled = .set(true)
            limits.expires = .set(1)
            _ = try await administration.changeKey(made.id, limits)
            try await server.backend.reload()
            #expect(try await attempt(server, key) == "401 api_key_expired")

            limits.expires = .set(nil)
            limits.models = .set(["other"])
            _ = try await administration.changeKey(made.id, limits)
            try await server.backend.reload()
            #expect(try await attempt(server, key) == "403 model_not_allowed")

            try await administration.deleteKey(made.id)
            try await server.backend.reload()
            #expect(try await attempt(server, key) == "401 invalid_ephemeral_key")
        }
    }

    @Test func `a key made where none was needed is worth nothing once one is`() async throws {
        try await TestServer.run { server in
            let key = try await mint(server, nil, Self.german)
            #expect(try await attempt(server, key) == "101")
            _ = try await server.administration.createKey(name: "k")
            try await server.backend.reload()
            #expect(try await attempt(server, key) == "401 invalid_ephemeral_key")
        }
    }

    @Test func `a key has no more of them at a time than it may`() async throws {
        try await TestServer.run { server in
            let keys = EphemeralKeys(store: server.backend.store, gateway: server.backend.gateway, limit: 1)
            let client = Client(address: "127.0.0.1")
            let made = try await keys.mint(nil, seconds: 60, for: client)
            let failure = await #expect(throws: Failure.self) { try await keys.mint(nil, seconds: 60, for: client) }
            #expect(failure?.status == 429 && failure?.retryAfter == 10)
            #expect(try await attempt(server, made.text.reveal()) == "101")
        }
    }

    @Test func `it outlives a restart, unless the operator's key does not`() async throws {
        let file = try TemporaryDatabase()
        var key = ""
        for (name, expected) in [("first", "101"), ("first", "101"), ("second", "401 invalid_ephemeral_key")] {
            try await TestServer.run(database: file.path, configure: { $0.apiKeys = [name] }) { server in
                if key.isEmpty { key = try await mint(server, name, Self.german) }
                #expect(try await attempt(server, key) == expected)
            }
        }
    }

    @Test(arguments: [
        (#"{"expires_after":{"seconds":9}}"#, 400, "invalid_value"), (#"{"voice":"alloy"}"#, 400, "unknown_parameter"),
        ("[]", 400, "invalid_json"), (#"{"session":{"type":"realtime","model":"none"}}"#, 404, "model_not_found"),
        (
            #"{"session":{"type":"transcription","audio":{"input":{"transcription":{"model":"none"}}}}}"#, 404,
            "model_not_found"
        ),
        (
            #"{"session":{"type":"transcription","audio":{"input":{"format":{"type":"audio/mp3"}}}}}"#, 400,
            "invalid_value"
        ),
        (
            #"{"session":{"type":"transcription","audio":{"input":{"transcription":{"language":"xx"}}}}}"#, 400,
            "invalid_language_format"
        ),
    ])
    func `what would make no session makes no key`(body: String, status: Int, code: String) async throws {
        try await TestServer.run { server in
            let answer = try #require(try await server.post(body, to: Self.path))
            #expect(answer.status == status && answer.body.contains(#""code":"\#(code)""#))
            #expect(answer.body.hasPrefix(#"{"error":{"message":"#))
        }
    }

    @Test func `a key makes none for a model that it may not use, and none as long as a book`() async throws {
        try await FakeRealtime.with(greeting: Self.greeting) { provider async throws in
            try await RelayedRealtime.run([provider]) { server, key in
                var limits = Administration.KeyLimits()
                limits.models = .set(["other"])
                let narrow = try await server.administration.createKey(name: "n", user: "anna", limits: limits).text
                try await server.backend.reload()
                let answer = try await server.post(Self.brief, to: Self.path, headers: bearer(narrow.reveal()))
                #expect(answer?.status == 403 && answer?.body.contains("model_not_allowed") == true)

                let book = String(repeating: "x", count: 128 << 10)
                let long = #"{"session":{"type":"realtime","instructions":"\#(book)"}}"#
                #expect(try await server.post(long, to: Self.path, headers: bearer(key))?.status == 413)
                #expect(try await server.post("{}", to: Self.path, headers: bearer("sk-wrong"))?.status == 401)
            }
        }
    }
}
