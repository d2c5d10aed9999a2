import ElkGateway
import ElkServer
import ElkStorage
import ElkWire
import NIOCore
import Testing

@Suite(.timeLimit(.minutes(3)))
struct SpeechRoutesTests {
    @Test func `a plain request reaches the engine with the defaults`() async throws {
        let transcriber = FakeTranscriber()
        try await TestServer.run(transcriber) { server in
            let response = try #require(try await server.post(TestForm()))
            #expect(response.status == 200)
            #expect(response.body == "done")
            #expect(response.headers["content-type"] == "application/json")
            #expect(response.headers["x-request-id"]?.hasPrefix("req_") == true)
            #expect(response.headers["openai-processing-ms"].flatMap { Int($0) } != nil)
        }
        let job = try #require(transcriber.jobs.first)
        #expect(job.model == "whisper-1")
        #expect(job.task == .transcribe)
        #expect(job.format == .json)
        #expect(job.filename == "a.wav")
        #expect(job.language == nil)
        #expect(job.prompt == nil)
        #expect(job.temperature == nil)
        #expect(!job.wantsWords)
        #expect(job.wantsSegments)
        guard case .memory(let bytes) = job.audio else {
            Issue.record("a short recording stays in memory")
            return
        }
        #expect(String(buffer: bytes) == "audio")
    }

    @Test func `what a recording can cost is held before the engine hears it`() async throws {
        let transcriber = FakeTranscriber()
        var key = ""
        try await TestServer.run(
            transcriber,
            prepare: { administration in
                _ = try await administration.createUser(name: "anna", balance: try #require(Money("0.05")))
                var price = Price(model: "whisper-1", created: 0)
                price.audioSecond = Money("0.01")
                try await administration.savePrices([price])
                key = try await administration.createKey(name: "k", user: "anna").text.reveal()
            }
        ) { server in
            let headers = ["Authorization": "Bearer \(key)"]
            // A file of this size can be 13 seconds long.
            let long = TestForm(file: String(repeating: "x", count: 10_000))
            let refused = try #require(try await server.post(long, headers: headers))
            #expect(refused.status == 403)
            #expect(refused.body.contains(#""code":"insufficient_user_quota""#))
            #expect(transcriber.jobs.isEmpty)
            let short = TestForm(file: String(repeating: "x", count: 1_000))
            #expect(try await server.post(short, headers: headers)?.status == 200)
        }
    }

    @Test func `every field reaches the engine`() async throws {
        let transcriber = FakeTranscriber()
        let form = TestForm(
            ("language", "English"),
            ("prompt", " Elk, ELK "),
            ("temperature", " 0.2 "),
            ("response_format", "verbose_json"),
            ("timestamp_granularities[]", "word"),
            ("stream", "True"),
            ("chunking_strategy[type]", "server_vad"),
            ("include[]", "logprobs"),
            ("made_up", "1")
        )
        try await TestServer.run(transcriber) { server in
            let response = try #require(try await server.post(form, to: "/v1/audio/translations"))
            #expect(response.status == 200)
        }
        let job = try #require(transcriber.jobs.first)
        #expect(job.task == .translate)
        #expect(job.language == "en")
        #expect(job.prompt == " Elk, ELK ")
        #expect(job.temperature == 0.2)
        #expect(job.format == .verboseJSON)
        #expect(job.wantsWords)
        #expect(!job.wantsSegments)
    }

    @Test(arguments: [
        ("json", "", "application/json"),
        ("verbose_json", "", "application/json"),
        ("text", "", "text/plain; charset=utf-8"),
        ("srt", "", "text/plain; charset=utf-8"),
        ("vtt", "*/*", "text/plain; charset=utf-8"),
        ("vtt", "text/vtt, */*", "text/vtt; charset=utf-8"),
    ])
    func `each format has its content type`(format: String, accept: String, contentType: String) async throws {
        try await TestServer.run { server in
            let response = try await server.post(TestForm(("response_format", format)), headers: ["Accept": accept])
            #expect(response?.status == 200)
            #expect(response?.headers["content-type"] == contentType)
        }
    }

    @Test(arguments: ["plain.wav", "../../etc/passwd", #"C:\a\b.wav"#, #"q\"uote.wav"#, "été 你好.wav", "x"])
    func `no file name does harm`(filename: String) async throws {
        let transcriber = FakeTranscriber()
        try await TestServer.run(transcriber) { server in
            let response = try await server.post(TestForm(filename: filename))
            #expect(response?.status == 200)
        }
        let name = try #require(transcriber.jobs.first?.filename)
        #expect(!name.contains("/") && !name.contains("\\"))
    }

    @Test func `a long recording waits in a file that has no name`() async throws {
        let audio = String(repeating: "0123456789", count: 30_000)
        let transcriber = FakeTranscriber { job throws(Failure) in
            guard case .file(let path) = job.audio else { throw .server("not a file") }
            return TranscriptionResult(body: ByteBuffer(bytes: readFile(path)), duration: 1)
        }
        try await TestServer.run(transcriber, configure: { $0.memoryThreshold = 1000 }) { server in
            let response = try #require(try await server.post(TestForm(file: audio)))
            #expect(response.status == 200)
            #expect(response.body == audio)
        }
        guard case .file(let path) = try #require(transcriber.jobs.first).audio else { return }
        #expect(path.hasPrefix("/proc/self/fd/"))
    }

    @Test func `a folder that cannot be written to is our fault and says so`() async throws {
        try await TestServer.run(configure: {
            $0.memoryThreshold = 1
            $0.temporaryFolder = "/nonexistent"
        }) { server in
            let response = try #require(try await server.post(TestForm()))
            #expect(response.status == 503)
            #expect(response.body.contains(#""code":"storage_full""#))
            #expect(response.headers["retry-after"] == "30")
        }
    }

    @Test func `failures of the engine reach the client as they are`() async throws {
        let transcriber = FakeTranscriber { _ throws(Failure) in throw .busy("The queue is full.", retryAfter: 3) }
        try await TestServer.run(transcriber) { server in
            let response = try #require(try await server.post(TestForm()))
            #expect(response.status == 429)
            #expect(response.headers["retry-after"] == "3")
            #expect(response.body.contains(#""code":"rate_limit_exceeded""#))
        }
    }

    @Test func `requests beyond the places are told to come back`() async throws {
        let (started, start) = AsyncStream<Void>.makeStream()
        let transcriber = FakeTranscriber { _ throws(Failure) in
            start.yield()
            try? await Task.sleep(for: .seconds(60))
            throw .server("cancelled")
        }
        try await TestServer.run(transcriber, configure: { $0.maxSpeechRequests = 1 }) { server in
            let first = try await RawClient(port: server.port)
            try await first.send(TestForm().message)
            for await _ in started { break }
            let response = try #require(try await server.post(TestForm()))
            #expect(response.status == 429)
            #expect(response.headers["retry-after"] == "1")
            try await first.close()
        }
    }

    @Test func `many requests at once are all answered`() async throws {
        let transcriber = FakeTranscriber { job throws(Failure) in
            try? await Task.sleep(for: .milliseconds(20))
            guard case .memory(let bytes) = job.audio else { throw .server("not in memory") }
            return TranscriptionResult(body: bytes, duration: 1)
        }
        try await TestServer.run(transcriber) { server in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<40 {
                    group.addTask {
                        let response = try await server.post(TestForm(file: "recording \(number)"))
                        #expect(response?.body == "recording \(number)")
                    }
                }
                try await group.waitForAll()
            }
        }
    }
}
