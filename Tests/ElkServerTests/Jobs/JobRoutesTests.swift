import ElkGateway
import ElkServer
import ElkStorage
import ElkTestSupport
import ElkWire
import NIOCore
import Testing

/// `Prefer: respond-async` and `/v1/audio/jobs` on a server.
@Suite(.timeLimit(.minutes(3)))
struct JobRoutesTests {
    static let prefer = ["Prefer": "respond-async"]

    @Test func `a job is accepted, watched and fetched`() async throws {
        let gate = Latch()
        let news: [TranscriptNews] = [
            .began(duration: 60),
            .segment(TranscriptPiece(segment: SpokenSegment(id: 0, start: 0, end: 4, text: " One"), delta: "One")),
            .segment(TranscriptPiece(segment: SpokenSegment(id: 1, start: 4, end: 9, text: " two"), delta: " two")),
            .reached(30),
        ]
        let transcriber = FakeTranscriber(news: news) { _ throws(Failure) in
            try await gate.wait()
            return TranscriptionResult(body: ByteBuffer(string: #"{"text":"One two"}"#), duration: 60)
        }
        try await JobServer.run(transcriber) { server in
            let accepted = try #require(try await server.post(TestForm(), headers: Self.prefer))
            #expect(accepted.status == 202)
            #expect(accepted.headers["preference-applied"] == "respond-async")
            let path = try #require(accepted.headers["location"])
            #expect(path.hasPrefix("/v1/audio/jobs/job_"))
            let queued = try JobServer.json(accepted)
            #expect(queued["object"]?.string == "audio.job")
            #expect(queued["model"]?.string == "whisper-1")
            #expect("/v1/audio/jobs/" + (queued["id"]?.string ?? "") == path)

            let running = try await server.poll(path) { $0["progress"]?["seconds_done"]?.double == 30 }
            #expect(running["status"]?.string == "in_progress")
            #expect(running["progress"]?["seconds_total"]?.double == 60)
            #expect(running["segments"]?.elements.map { $0["text"]?.string } == [" One", " two"])
            #expect(running["result"]?.isNull == true)
            let later = try JobServer.json(try await server.request("GET", path + "?after=0"))
            #expect(later["segments"]?.elements.map { $0["id"]?.int } == [1])
            let early = try #require(try await server.request("GET", path + "/result"))
            #expect(early.status == 409)
            #expect(early.body.contains("job_not_finished"))
            #expect(early.headers["retry-after"] == "2")

            gate.open()
            let done = try await server.poll(path) { $0["status"]?.string == "completed" }
            #expect(done["result"]?["text"]?.string == "One two")
            #expect(done["progress"]?["seconds_done"]?.double == 60)
            #expect(done["expires_at"]?.int == (done["ended_at"]?.int ?? 0) + 86_400)
            #expect(done["segments"] == nil)
            let result = try #require(try await server.request("GET", path + "/result"))
            #expect(result.body == #"{"text":"One two"}"#)
            #expect(result.headers["content-type"] == "application/json")

            let list = try JobServer.json(try await server.request("GET", "/v1/audio/jobs"))
            #expect(list["data"]?.elements.map { $0["id"]?.string } == [done["id"]?.string])
            #expect(list["has_more"]?.bool == false)
            let deleted = try JobServer.json(try await server.request("DELETE", path))
            #expect(deleted["deleted"]?.bool == true)
            #expect(try await server.request("GET", path)?.status == 404)
        }
    }

    @Test(arguments: [("text", "text/plain; charset=utf-8"), ("srt", "text/plain; charset=utf-8")])
    func `a text is a string in the job and itself as the result`(format: String, type: String) async throws {
        let text = "1\n\"quoted\" é\n"
        let transcriber = FakeTranscriber { _ in TranscriptionResult(body: ByteBuffer(string: text), duration: 1) }
        try await JobServer.run(transcriber) { server in
            let form = TestForm(("response_format", format))
            let path = try #require(try await server.post(form, headers: Self.prefer)?.headers["location"])
            let done = try await server.poll(path) { $0["status"]?.string == "completed" }
            #expect(done["result"]?.string == text)
            let result = try #require(try await server.request("GET", path + "/result"))
            #expect(result.body == text)
            #expect(result.headers["content-type"] == type)
        }
    }

    @Test func `the engine gets all that was asked, and the recording`() async throws {
        let audio = String(repeating: "0123456789", count: 30_000)
        let transcriber = FakeTranscriber { job throws(Failure) in
            guard case .file(let path) = job.audio else { throw .server("not a file") }
            return TranscriptionResult(body: ByteBuffer(bytes: readFile(path)), duration: 1)
        }
        let form = TestForm(
            file: audio,
            ("language", "de"),
            ("response_format", "text"),
            ("keywords[]", "Elk"),
            ("stream", "true")
        )
        try await JobServer.run(transcriber, configure: { $0.memoryThreshold = 1000 }) { server in
            let accepted = try #require(try await server.post(form, to: "/v1/audio/translations?async=1"))
            #expect(accepted.status == 202)
            #expect(accepted.headers["preference-applied"] == nil)
            let path = try #require(accepted.headers["location"])
            let done = try await server.poll(path) { $0["status"]?.string == "completed" }
            #expect(done["endpoint"]?.string == "/v1/audio/translations")
            #expect(try await server.request("GET", path + "/result")?.body == audio)
        }
        let job = try #require(transcriber.jobs.first)
        #expect(job.task == .translate)
        #expect(job.language == "de")
        #expect(job.keywords == ["Elk"])
        #expect(!job.streams)
        #expect(job.journal != nil)
    }

    @Test(arguments: [
        ("respond-async", 202), ("Respond-Async", 202), ("wait=5, respond-async;x=y", 202), ("respond-sync", 200),
        ("return=minimal", 200), ("", 200),
    ])
    func `only the wish itself makes a job`(value: String, status: Int) async throws {
        try await JobServer.run { server in
            let response = try await server.post(TestForm(), headers: ["Prefer": value])
            #expect(response?.status == status)
        }
    }

    @Test func `mistakes are told at once, as without the wish`() async throws {
        try await JobServer.run { server in
            let response = try await server.post(TestForm(("temperature", "7")), headers: Self.prefer)
            #expect(response?.status == 400)
            #expect(try await server.post(TestForm(model: "nope"), headers: Self.prefer)?.status == 404)
            let list = try JobServer.json(try await server.request("GET", "/v1/audio/jobs"))
            #expect(list["data"]?.elements.map { $0 }.isEmpty == true)
        }
    }

    @Test func `where there are no jobs the preference is passed over and the demand refused`() async throws {
        try await TestServer.run { server in
            let plain = try #require(try await server.post(TestForm(), headers: Self.prefer))
            #expect(plain.status == 200)
            #expect(plain.headers["preference-applied"] == nil)
            let demand = try #require(try await server.post(TestForm(), to: "/v1/audio/transcriptions?async=1"))
            #expect(demand.status == 503)
            #expect(demand.body.contains("jobs_unavailable"))
        }
    }

    @Test func `a model of a provider is relayed at once, unless a job is demanded`() async throws {
        try await FakeUpstream.with({ _ in .whole(#"{"text":"from afar"}"#) }) { upstream in
            var changes = Administration.ChannelChanges()
            changes.baseURL = .set(upstream.url)
            changes.keys = .set([Secret("sk-upstream-canary-0123456789")])
            changes.models = .set(["m"])
            let wanted = changes
            try await JobServer.run(prepare: { administration in
                _ = try await administration.createChannel(provider: "openai", name: "one", wanted)
            }) { server in
                let plain = try #require(try await server.post(TestForm(model: "m"), headers: Self.prefer))
                #expect(plain.status == 200)
                #expect(plain.body == #"{"text":"from afar"}"#)
                let demand = try await server.post(TestForm(model: "m"), to: "/v1/audio/transcriptions?async=1")
                #expect(demand?.status == 400)
                #expect(demand?.body.contains(#""param":"model""#) == true)
            }
        }
    }

    @Test func `a failure is told by the job and by its result`() async throws {
        let transcriber = FakeTranscriber { _ throws(Failure) in
            throw .invalidRequest("No audio.", parameter: "file", code: "audio_too_short")
        }
        try await JobServer.run(transcriber) { server in
            let path = try #require(try await server.post(TestForm(), headers: Self.prefer)?.headers["location"])
            let failed = try await server.poll(path) { $0["status"]?.string == "failed" }
            #expect(failed["error"]?["code"]?.string == "audio_too_short")
            let result = try #require(try await server.request("GET", path + "/result"))
            #expect(result.status == 400)
            #expect(result.body.contains("No audio."))
        }
    }

    @Test(arguments: ["DELETE", "POST"])
    func `a job is cancelled at work and in the queue`(method: String) async throws {
        let stopped = Seen()
        let transcriber = FakeTranscriber { _ throws(Failure) in
            while !Task.isCancelled { try? await Task.sleep(for: .milliseconds(5)) }
            stopped.add(1)
            throw Failure(status: 499, type: "invalid_request_error", message: "stopped")
        }
        try await JobServer.run(transcriber) { server in
            let running = try #require(try await server.post(TestForm(), headers: Self.prefer)?.headers["location"])
            _ = try await server.poll(running) { $0["status"]?.string == "in_progress" }
            let queued = try #require(try await server.post(TestForm(), headers: Self.prefer)?.headers["location"])
            for path in [queued, running] {
                let target = method == "DELETE" ? path : path + "/cancel"
                let answer = try JobServer.json(try await server.request(method, target))
                #expect(answer["status"]?.string == "cancelled")
                let again = try JobServer.json(try await server.request("POST", path + "/cancel"))
                #expect(again["status"]?.string == "cancelled")
                let result = try #require(try await server.request("GET", path + "/result"))
                #expect(result.status == 409)
                #expect(result.body.contains("job_cancelled"))
            }
            #expect(transcriber.jobs.count == 1)
            #expect(stopped.all == [1])
        }
    }

    @Test func `a job is its key's alone`() async throws {
        try await JobServer.run { server in
            let keys = [
                try await server.administration.createKey(name: "a").text.reveal(),
                try await server.administration.createKey(name: "b").text.reveal(),
            ]
            try await server.backend.reload()
            let headers = keys.map { ["Authorization": "Bearer \($0)"] }
            let made = try await server.post(TestForm(), headers: headers[0].merging(Self.prefer) { $1 })
            let path = try #require(made?.headers["location"])
            #expect(try await server.request("GET", path)?.status == 401)
            for (method, target) in [
                ("GET", path), ("DELETE", path), ("POST", path + "/cancel"), ("GET", path + "/result"),
            ] {
                let other = try #require(try await server.request(method, target, headers: headers[1]))
                #expect(other.status == 404)
                #expect(other.body.contains("job_not_found"))
            }
            #expect(try await server.request("GET", path, headers: headers[0])?.status == 200)
            let list = try JobServer.json(try await server.request("GET", "/v1/audio/jobs", headers: headers[1]))
            #expect(list["first_id"]?.isNull == true)
        }
    }

    @Test func `jobs are listed in pages, the newest first`() async throws {
        try await JobServer.run { server in
            var ids: [String?] = []
            for _ in 0..<3 {
                let made = try JobServer.json(try await server.post(TestForm(), headers: Self.prefer))
                ids.insert(made["id"]?.string, at: 0)
            }
            let first = try JobServer.json(try await server.request("GET", "/v1/audio/jobs?limit=2"))
            #expect(first["data"]?.elements.map { $0["id"]?.string } == Array(ids[..<2]))
            #expect(first["has_more"]?.bool == true)
            let last = first["last_id"]?.string ?? ""
            let second = try JobServer.json(try await server.request("GET", "/v1/audio/jobs?limit=2&after=\(last)"))
            #expect(second["data"]?.elements.map { $0["id"]?.string } == [ids[2]])
            #expect(second["has_more"]?.bool == false)
            #expect(try await server.request("GET", "/v1/audio/jobs?limit=0")?.status == 400)
        }
    }

    @Test func `a full queue and a full disk are told apart, and a short request passes all the same`() async throws {
        let gate = Latch()
        let transcriber = FakeTranscriber { job throws(Failure) in
            if job.journal != nil { try await gate.wait() }
            return TranscriptionResult(body: ByteBuffer(string: "{}"), duration: 1)
        }
        try await JobServer.run(transcriber, change: { $0.queueLimit = 1 }) { server in
            #expect(try await server.post(TestForm(), headers: Self.prefer)?.status == 202)
            let full = try #require(try await server.post(TestForm(), headers: Self.prefer))
            #expect(full.status == 429)
            #expect(full.headers["retry-after"] == "60")
            #expect(try await server.post(TestForm())?.status == 200)
            gate.open()
        }
        try await JobServer.run(change: { $0.maxBytes = 20_000 }) { server in
            let audio = String(repeating: "x", count: 10_000)
            let full = try #require(try await server.post(TestForm(file: audio), headers: Self.prefer))
            #expect(full.status == 503)
            #expect(full.body.contains("storage_full"))
            #expect(try await server.post(TestForm(), headers: Self.prefer)?.status == 202)
        }
    }

    @Test func `what is kept of a job goes when its time is over`() async throws {
        try await JobServer.run(change: { $0.keepMilliseconds = 1 }) { server in
            let path = try #require(try await server.post(TestForm(), headers: Self.prefer)?.headers["location"])
            for _ in 0..<1000 {
                await server.backend.jobs.expire()
                if try await server.request("GET", path)?.status == 404 { return }
                try await Task.sleep(for: .milliseconds(5))
            }
            Issue.record("the job is still there")
        }
    }
}
