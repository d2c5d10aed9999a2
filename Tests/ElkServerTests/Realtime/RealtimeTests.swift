import ElkGateway
import ElkServer
import ElkStorage
import ElkWire
import NIOCore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(3)))
struct RealtimeTests {
    private static let upgrade = [
        "Upgrade": "websocket", "Connection": "keep-alive, Upgrade", "Sec-WebSocket-Version": "13",
        "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ]
    private static let piece = TranscriptPiece(
        segment: SpokenSegment(id: 0, start: 0, end: 1, text: " Hello."),
        delta: "Hello."
    )

    private func engine(
        work: @escaping FakeTranscriber.Work = { _ in
            TranscriptionResult(body: ByteBuffer(), duration: 1.5, text: "Hello.")
        }
    ) -> FakeTranscriber {
        FakeTranscriber(news: [.began(duration: 1.5), .segment(Self.piece)], work: work)
    }

    private func open(
        _ server: TestServer,
        path: String = "/v1/realtime?intent=transcription",
        headers: [String: String] = [:]
    ) async throws -> RawClient {
        let client = try await RawClient(port: server.port)
        let all = Self.upgrade.merging(headers) { $1 }
        try await client.send(TestServer.message("GET", path, headers: all))
        // Nothing may be sent before the server has agreed.
        _ = await client.text(containing: #""include":[]}}"#)
        return client
    }

    /// Seconds of 24 kHz samples, as an event.
    private func audio(_ seconds: Double, loud: Bool) -> String {
        let samples = [UInt8](repeating: loud ? 0x40 : 0, count: Int(seconds * 24_000) * 2)
        var text = ByteBuffer()
        samples.withUnsafeBytes { text.writeBase64($0) }
        return #"{"type":"input_audio_buffer.append","audio":"\#(String(buffer: text))"}"#
    }

    private let manual =
        #"{"type":"session.update","session":{"type":"transcription","audio":{"input":{"turn_detection":null}}}}"#

    @Test func `a session begins with the handshake of RFC 6455 and says how it hears`() async throws {
        try await TestServer.run(engine()) { server in
            let client = try await open(server)
            let text = try #require(await client.text(containing: "session.created"))
            #expect(text.hasPrefix("HTTP/1.1 101 Switching Protocols\r\n"))
            #expect(text.lowercased().contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="))
            #expect(text.contains(#""type":"transcription""#))
            #expect(text.contains(#""format":{"type":"audio/pcm","rate":24000}"#))
            #expect(text.contains(#""model":"whisper-1""#))
        }
    }

    @Test func `a turn is committed by hand, and its text comes in pieces and whole`() async throws {
        let transcriber = engine()
        try await TestServer.run(transcriber) { server in
            let client = try await open(server)
            try await client.send(event: manual)
            try await client.send(event: audio(1.5, loud: true))
            try await client.send(event: #"{"type":"input_audio_buffer.commit"}"#)
            let text = try #require(await client.text(containing: #""usage":"#))
            #expect(text.contains("session.updated"))
            #expect(text.contains("input_audio_buffer.committed"))
            #expect(text.contains("conversation.item.added"))
            #expect(text.contains(#""delta":"Hello.""#))
            #expect(text.contains(#""transcript":"Hello.","usage":{"type":"duration","seconds":1.5}"#))
        }
        guard case .samples(let samples) = transcriber.jobs.first?.audio else {
            Issue.record("a turn is handed over as samples")
            return
        }
        #expect(samples.count == 24_000)
    }

    @Test func `turns are found in what is heard`() async throws {
        let transcriber = engine()
        try await TestServer.run(transcriber) { server in
            let client = try await open(server, headers: ["OpenAI-Beta": "realtime=v1"])
            #expect(await client.text(containing: "transcription_session.created") != nil)
            try await client.send(event: audio(1, loud: false))
            try await client.send(event: audio(1, loud: true))
            try await client.send(event: audio(1, loud: false))
            let text = try #require(await client.text(containing: "input_audio_transcription.completed"))
            #expect(text.contains("input_audio_buffer.speech_started"))
            #expect(text.contains("input_audio_buffer.speech_stopped"))
            #expect(text.contains("conversation.item.created"))
        }
        guard case .samples(let samples) = transcriber.jobs.first(where: { !$0.isDraft })?.audio else {
            Issue.record("a turn is handed over as samples")
            return
        }
        // 0.3 s before it, the second itself, and a fifth of the half second that ended it, to a frame or two.
        #expect(abs(samples.count - 23_900) < 1_600)
    }

    @Test func `a turn that seems to be over is transcribed before it is`() async throws {
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let transcriber = engine { job in
            if job.isEarly { begin.yield() }
            return TranscriptionResult(body: ByteBuffer(), duration: 1.5, text: "Hello.")
        }
        try await TestServer.run(transcriber) { server in
            let client = try await open(server)
            try await client.send(event: audio(0.5, loud: true))
            try await client.send(event: audio(0.3, loud: false))
            for await _ in begun { break }
            #expect(transcriber.jobs.allSatisfy { $0.isEarly || $0.isDraft })
            try await client.send(event: audio(0.5, loud: false))
            let text = try #require(await client.text(containing: #""usage":"#))
            #expect(text.contains(#""delta":"Hello.""#))
            #expect(text.contains(#""transcript":"Hello.""#))
        }
        #expect(transcriber.jobs.count(where: { !$0.isDraft }) == 1)
    }

    @Test func `a turn that goes on after a pause is transcribed as a whole`() async throws {
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let (cancelled, cancel) = AsyncStream<Void>.makeStream()
        let transcriber = engine { job throws(Failure) in
            guard job.isEarly, case .samples(let samples) = job.audio, samples.count < 16_000 else {
                return TranscriptionResult(body: ByteBuffer(), duration: 1.5, text: "Hello.")
            }
            begin.finish()
            try? await Task.sleep(for: .seconds(60))
            cancel.finish()
            throw .server("cancelled")
        }
        try await TestServer.run(transcriber) { server in
            let client = try await open(server)
            try await client.send(event: audio(0.5, loud: true))
            try await client.send(event: audio(0.3, loud: false))
            for await _ in begun {}
            try await client.send(event: audio(0.5, loud: true))
            for await _ in cancelled {}
            try await client.send(event: audio(0.3, loud: false))
            try await client.send(event: audio(0.5, loud: false))
            #expect(await client.text(containing: "input_audio_transcription.completed") != nil)
        }
        let lengths = transcriber.jobs.filter { !$0.isDraft }.map { job in
            if case .samples(let samples) = job.audio { samples.count } else { 0 }
        }
        // Once up to the first pause, and once up to the second.
        #expect(lengths.count == 2)
        #expect(abs((lengths.last ?? 0) - 23_900) < 1_600)
    }

    @Test func `a pause is forgotten when turns are found by other rules`() async throws {
        let transcriber = engine()
        let quick = manual.replacing("null", with: #"{"type":"server_vad","silence_duration_ms":150}"#)
        try await TestServer.run(transcriber) { server in
            let client = try await open(server)
            try await client.send(event: audio(0.5, loud: true))
            try await client.send(event: audio(0.3, loud: false))
            try await client.send(event: manual)
            try await client.send(event: quick)
            try await client.send(event: audio(1, loud: true))
            try await client.send(event: audio(0.5, loud: false))
            #expect(await client.text(containing: #""usage":"#) != nil)
        }
        guard case .samples(let samples) = transcriber.jobs.last(where: { !$0.isDraft && !$0.isEarly })?.audio else {
            Issue.record("a turn is handed over as samples")
            return
        }
        #expect(samples.count > 16_000)
    }

    @Test func `a turn is transcribed in its time when the engine had other work before`() async throws {
        let transcriber = engine { job throws(Failure) in
            if job.isEarly { throw .server("busy") }
            return TranscriptionResult(body: ByteBuffer(), duration: 1.5, text: "Hello.")
        }
        try await TestServer.run(transcriber) { server in
            let client = try await open(server)
            try await client.send(event: audio(0.5, loud: true))
            try await client.send(event: audio(1, loud: false))
            let text = try #require(await client.text(containing: "input_audio_transcription.completed"))
            #expect(text.split(separator: #""delta":"#).count == 2)
        }
        #expect(transcriber.jobs.filter { !$0.isDraft }.map(\.isEarly) == [true, false])
    }

    @Test func `what drafts agree on is told while the turn is still spoken, and only the rest after it`() async throws
    {
        let segment = SpokenSegment(id: 0, start: 0, end: 1, text: "")
        let whole = TranscriptPiece(segment: segment, delta: "Ask not what your country can do.")
        let transcriber = FakeTranscriber(news: [.segment(whole)]) { job in
            let text = job.isDraft ? "Ask not what your country" : whole.delta
            return TranscriptionResult(body: ByteBuffer(), duration: 1.5, text: text)
        }
        try await TestServer.run(transcriber) { server in
            let client = try await open(server)
            try await speak(80, to: client)
            let early = try #require(await client.text(containing: #""delta":"Ask not what your""#))
            #expect(!early.contains("speech_stopped"))
            try await client.send(event: audio(1, loud: false))
            let late = try #require(await client.text(containing: "input_audio_transcription.completed"))
            #expect(late.contains(#""delta":" country can do.""#))
            #expect(late.split(separator: #""delta":"#).count == 3)
        }
        // Drafts are nobody's request.
        #expect(transcriber.jobs.count(where: { !$0.isDraft }) == 1)
    }

    /// Speaks without a pause, in pieces of a quarter of a second, as a draft is made only when the one before is done.
    private func speak(_ pieces: Int, to client: RawClient) async throws {
        for _ in 0..<pieces {
            try await client.send(event: audio(0.25, loud: true))
            try await Task.sleep(for: .milliseconds(5))
        }
    }

    /// Speaks for ten seconds, of which one costs a cent, with the key of somebody who has a balance.
    private func speak(
        to transcriber: FakeTranscriber,
        balance: String,
        settings: String? = nil,
        _ body: (TestServer, RawClient, _ key: String) async throws -> Void
    ) async throws {
        try await TestServer.run(
            transcriber,
            prepare: { administration in
                _ = try await administration.createUser(name: "anna", balance: Money(balance) ?? .zero)
                var price = Price(model: "whisper-1", created: 0)
                price.audioSecond = Money("0.01")
                try await administration.savePrices([price])
            }
        ) { server in
            let key = try await server.administration.createKey(name: "k", user: "anna").text.reveal()
            try await server.backend.reload()
            let client = try await open(server, headers: ["Authorization": "Bearer \(key)"])
            if let settings { try await client.send(event: settings) }
            try await speak(40, to: client)
            try await body(server, client, key)
        }
    }

    @Test func `nothing is drafted for whom has nothing to pay it with`() async throws {
        let transcriber = engine()
        try await speak(to: transcriber, balance: "0.005") { _, client, _ in
            try await client.send(event: #"{"type":"input_audio_buffer.commit"}"#)
            #expect(await client.text(containing: "insufficient_quota") != nil)
        }
        #expect(transcriber.jobs.isEmpty)
    }

    @Test func `a turn that is cleared after some of it was told is paid as far as it was heard`() async throws {
        let transcriber = engine { _ in
            TranscriptionResult(body: ByteBuffer(), duration: 1.5, text: "Ask not what your country")
        }
        try await speak(to: transcriber, balance: "10") { server, client, key in
            #expect(await client.text(containing: #""delta":"Ask not what your""#) != nil)
            try await client.send(event: #"{"type":"input_audio_buffer.clear"}"#)
            #expect(await client.text(containing: "input_audio_buffer.cleared") != nil)
            let headers = ["Authorization": "Bearer \(key)"]
            // Ten seconds at a cent, in units of which a dollar has 500,000.
            let paid = #""total_used":50000,"#
            var used = ""
            for _ in 0..<250 where !used.contains(paid) {
                used = try await server.request("GET", "/api/usage/token", headers: headers)?.body ?? ""
                try await Task.sleep(for: .milliseconds(20))
            }
            #expect(used.contains(paid), "\(used)")
        }
        #expect(!transcriber.jobs.contains { !$0.isDraft })
    }

    @Test(arguments: [
        (#"{"type":"input_audio_buffer.commit","event_id":"e1"}"#, "input_audio_buffer_commit_empty"),
        (#"{"type":"response.create","event_id":"e1"}"#, "invalid_event_type"),
        (#"{"type":"input_audio_buffer.append","audio":"?","event_id":"e1"}"#, "invalid_value"),
        (#"{"type":"session.update","event_id":"e1"}"#, "missing_parameter"),
        (
            #"{"type":"session.update","event_id":"e1","session":{"input_audio_transcription":{"model":"none"}}}"#,
            "model_not_found"
        ),
        (#"{"type":"session.update","event_id":"e1","session":{"input_audio_format":"mp3"}}"#, "invalid_value"),
        (#"{"type":"session.update","event_id":"e1","session":{"type":"talk"}}"#, "invalid_value"),
        (#"{"type":"session.update","event_id":"e1","session":{"audio":{"input":[]}}}"#, "invalid_type"),
        (#"{"type":"session.update","event_id":"e1","session":{"turn_detection":"none"}}"#, "invalid_type"),
        (
            #"{"type":"session.update","event_id":"e1","session":{"turn_detection":{"type":"semantic_vad","eagerness":"some"}}}"#,
            "invalid_value"
        ),
        (
            #"{"type":"session.update","event_id":"e1","session":{"turn_detection":{"type":"server_vad","threshold":2}}}"#,
            "invalid_value"
        ),
        (
            #"{"type":"session.update","event_id":"e1","session":{"turn_detection":{"silence_duration_ms":-1}}}"#,
            "invalid_value"
        ),
        (
            #"{"type":"session.update","event_id":"e1","session":{"turn_detection":{"prefix_padding_ms":"many"}}}"#,
            "invalid_type"
        ),
        (
            #"{"type":"session.update","event_id":"e1","session":{"input_audio_noise_reduction":{"type":"all"}}}"#,
            "invalid_value"
        ),
        (#"{"type":"session.update","event_id":"e1","session":{"include":["all"]}}"#, "invalid_value"),
        (
            #"{"type":"session.update","event_id":"e1","session":{"input_audio_transcription":{"language":5}}}"#,
            "invalid_type"
        ),
        (
            #"{"type":"session.update","event_id":"e1","session":{"input_audio_transcription":{"languages":["klingon"]}}}"#,
            "invalid_language_format"
        ),
        (
            #"{"type":"session.update","event_id":"e1","session":{"input_audio_transcription":{"keywords":"Elk"}}}"#,
            "invalid_type"
        ),
    ])
    func `what makes no sense is an error and not the end`(event: String, code: String) async throws {
        try await TestServer.run(engine()) { server in
            let client = try await open(server)
            try await client.send(event: event)
            let text = try #require(await client.text(containing: #""event_id":"e1"}}"#))
            #expect(text.contains(#""type":"error""#))
            #expect(text.contains(#""code":"\#(code)""#))
            try await client.send(event: #"{"type":"input_audio_buffer.clear"}"#)
            #expect(await client.text(containing: "input_audio_buffer.cleared") != nil)
        }
    }

    @Test func `keywords, languages and how turns are found are as the client sets them, and told`() async throws {
        let transcriber = engine()
        try await TestServer.run(transcriber) { server in
            let client = try await open(server)
            try await client.send(
                event: #"""
                    {"type":"session.update","session":{"type":"transcription","audio":{"input":{
                    "transcription":{"keywords":["Elk","Whisper"],"languages":["de","English","de"]},
                    "noise_reduction":{"type":"far_field"},
                    "turn_detection":{"type":"semantic_vad","eagerness":"high"}}}}}
                    """#
            )
            let text = try #require(await client.text(containing: "session.updated"))
            #expect(text.contains(#""languages":["de","en"],"keywords":["Elk","Whisper"]"#))
            #expect(text.contains(#""noise_reduction":{"type":"far_field"}"#))
            #expect(text.contains(#""turn_detection":{"type":"semantic_vad","eagerness":"high"}"#))
            try await client.send(event: audio(1, loud: true))
            try await client.send(event: #"{"type":"input_audio_buffer.commit"}"#)
            #expect(await client.text(containing: "input_audio_transcription.completed") != nil)
        }
        let job = try #require(transcriber.jobs.first { !$0.isDraft })
        #expect(job.keywords == ["Elk", "Whisper"])
        #expect(job.languages == ["de", "en"])
    }

    @Test func `a turn that was committed is told before the server shuts down`() async throws {
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let (released, release) = AsyncStream<Void>.makeStream()
        let transcriber = engine { _ throws(Failure) in
            begin.yield()
            for await _ in released { return TranscriptionResult(body: ByteBuffer(), duration: 1, text: "Hello.") }
            throw .server("cancelled")
        }
        try await TestServer.run(transcriber) { server in
            let client = try await open(server)
            try await client.send(event: manual)
            try await client.send(event: audio(1, loud: true))
            try await client.send(event: #"{"type":"input_audio_buffer.commit"}"#)
            for await _ in begun { break }
            await server.stop()
            try await Task.sleep(for: .milliseconds(50))
            release.yield()
            let text = try #require(await client.text(containing: "shutting down"))
            #expect(text.contains(#""transcript":"Hello.""#))
        }
    }

    @Test func `a turn waits where a limit is in its way`() async throws {
        let tries = Mutex(0)
        let transcriber = engine { _ throws(Failure) in
            let number = tries.withLock { tries in
                tries += 1
                return tries
            }
            guard number > 2 else { throw .busy("The speech engine is busy.", retryAfter: 1) }
            return TranscriptionResult(body: ByteBuffer(), duration: 1, text: "Hello.")
        }
        try await TestServer.run(transcriber) { server in
            let client = try await open(server)
            try await client.send(event: manual)
            try await client.send(event: audio(1, loud: true))
            try await client.send(event: #"{"type":"input_audio_buffer.commit"}"#)
            let text = try #require(await client.text(containing: "input_audio_transcription.completed"))
            #expect(!text.contains("failed"))
        }
    }

    @Test func `turns that were admitted are told though a later one cannot be paid`() async throws {
        let (released, release) = AsyncStream<Void>.makeStream()
        let transcriber = engine { _ throws(Failure) in
            for await _ in released { return TranscriptionResult(body: ByteBuffer(), duration: 10, text: "Hello.") }
            throw .server("cancelled")
        }
        // Enough for ten seconds, not for twenty.
        try await speak(to: transcriber, balance: "0.15", settings: manual) { _, client, _ in
            let commit = #"{"type":"input_audio_buffer.commit"}"#
            try await client.send(event: commit)
            try await speak(40, to: client)
            try await client.send(event: commit)
            #expect(await client.text(containing: "insufficient_quota") != nil)
            release.yield()
            #expect(await client.text(containing: #""transcript":"Hello.""#) != nil)
        }
    }

    @Test func `a turn that cannot be transcribed fails alone`() async throws {
        let transcriber = FakeTranscriber { _ throws(Failure) in throw .server("broken") }
        try await TestServer.run(transcriber) { server in
            let client = try await open(server)
            try await client.send(event: manual)
            try await client.send(event: audio(1, loud: true))
            try await client.send(event: #"{"type":"input_audio_buffer.commit"}"#)
            let text = try #require(await client.text(containing: "broken"))
            #expect(text.contains("input_audio_transcription.failed"))
        }
    }

    @Test func `pings are answered and a close is returned`() async throws {
        try await TestServer.run(engine()) { server in
            let client = try await open(server)
            #expect(await client.text(containing: "session.created") != nil)
            try await client.send(frame: 9, Array("are you there".utf8))
            #expect(await client.text(containing: "are you there") != nil)
            try await client.send(frame: 8, [0x03, 0xE8] + Array("goodbye".utf8))
            #expect(await client.text(containing: "goodbye") != nil)
            #expect(await client.text(containing: "never") == nil)
        }
    }

    @Test(arguments: [(UInt8(1), false), (3, true), (0, true)])
    func `frames that RFC 6455 does not allow end the session`(opcode: UInt8, isMasked: Bool) async throws {
        try await TestServer.run(engine()) { server in
            let client = try await open(server)
            #expect(await client.text(containing: "session.created") != nil)
            try await client.send(frame: opcode, Array("{}".utf8), isMasked: isMasked)
            // Nothing but the end of the connection can follow.
            try await client.send(frame: 8, [0x03, 0xEA])
            #expect(await client.text(containing: "never") == nil)
        }
    }

    @Test func `keys come in the protocols that browsers can offer`() async throws {
        try await TestServer.run(engine(), configure: { $0.apiKeys = ["secret-key-of-a-test"] }) { server in
            let offer = "realtime, openai-insecure-api-key.secret-key-of-a-test"
            let client = try await open(server, headers: ["Sec-WebSocket-Protocol": offer])
            let text = try #require(await client.text(containing: "session.created"))
            #expect(text.lowercased().contains("sec-websocket-protocol: realtime\r\n"))
            #expect(!text.contains("secret-key"))

            let refused = try await server.request("GET", "/v1/realtime", headers: Self.upgrade)
            #expect(refused?.status == 401)
        }
    }

    @Test func `a page of another site gets in with a key only`() async throws {
        try await TestServer.run(engine()) { server in
            let headers = Self.upgrade.merging(["Origin": "https://example.com"]) { $1 }
            let response = try await server.request("GET", "/v1/realtime", headers: headers)
            #expect(response?.status == 403)
            // Where none is asked for, one that the page made up is none.
            let offer = ["Sec-WebSocket-Protocol": "realtime, openai-insecure-api-key.made-up"]
            let made = try await server.request("GET", "/v1/realtime", headers: headers.merging(offer) { $1 })
            #expect(made?.status == 403)
        }
    }

    @Test func `a request that is no handshake is told what is spoken here`() async throws {
        try await TestServer.run(engine()) { server in
            let plain = try #require(try await server.request("GET", "/v1/realtime"))
            #expect(plain.status == 426)
            #expect(plain.headers["upgrade"] == "websocket")
            #expect(plain.headers["sec-websocket-version"] == "13")
            let unknown = try await server.request("GET", "/v1/realtime?model=gpt-realtime", headers: Self.upgrade)
            #expect(unknown?.status == 404)
        }
    }

    @Test func `the engine stops when the client of a session leaves`() async throws {
        let (begun, begin) = AsyncStream<Void>.makeStream()
        let (stopped, stop) = AsyncStream<Void>.makeStream()
        let transcriber = engine { _ throws(Failure) in
            begin.finish()
            try? await Task.sleep(for: .seconds(60))
            if Task.isCancelled { stop.finish() }
            throw .server("cancelled")
        }
        try await TestServer.run(transcriber) { server in
            let client = try await open(server)
            try await client.send(event: manual)
            try await client.send(event: audio(1, loud: true))
            try await client.send(event: #"{"type":"input_audio_buffer.commit"}"#)
            for await _ in begun {}
            try await client.close()
            for await _ in stopped {}
        }
    }
}
