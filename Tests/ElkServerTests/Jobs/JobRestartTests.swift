import ElkGateway
import ElkServer
import ElkStorage
import ElkTestSupport
import ElkWire
import NIOCore
import Testing

/// What becomes of jobs, and of their money, when the server ends and starts again.
@Suite(.timeLimit(.minutes(3)))
struct JobRestartTests {
    private static func prepare(_ administration: Administration) async throws {
        _ = try await administration.createUser(name: "anna", balance: try #require(Money("10")))
        var price = Price(model: "whisper-1", created: 0)
        price.audioSecond = Money("0.01")
        try await administration.savePrices([price])
    }

    /// Works as an engine with windows does: a record after each of three, and then waits if it is told to.
    private static func engine(_ latch: Latch?, resumedAt seen: Seen) -> FakeTranscriber {
        FakeTranscriber { job throws(Failure) in
            guard let journal = job.journal else { throw .server("no journal") }
            let before = journal.records().count
            seen.add(before)
            for window in before..<3 { _ = journal.append([UInt8(window)]) }
            try await latch?.wait()
            return TranscriptionResult(body: ByteBuffer(string: "\(journal.records())"), duration: 100)
        }
    }

    @Test func `a job goes on where it was after a restart, and is paid once, at its end`() async throws {
        let home = try TemporaryDatabase()
        let starts = Seen()
        var headers: [String: String] = [:]
        var path = ""
        try await JobServer.run(Self.engine(Latch(), resumedAt: starts), in: home, prepare: Self.prepare) { server in
            let key = try await server.administration.createKey(name: "k", user: "anna").text.reveal()
            try await server.backend.reload()
            headers = ["Authorization": "Bearer \(key)"]
            let made = try await server.post(TestForm(), headers: headers.merging(["Prefer": "respond-async"]) { $1 })
            path = try #require(made?.headers["location"])
            _ = try await server.poll(path, headers: headers) { $0["status"]?.string == "in_progress" }
            while starts.all.isEmpty { try await Task.sleep(for: .milliseconds(5)) }
        }
        try await JobServer.run(Self.engine(nil, resumedAt: starts), in: home) { server in
            let done = try await server.poll(path, headers: headers) { $0["status"]?.string == "completed" }
            #expect(try await server.request("GET", path + "/result", headers: headers)?.body == "[0, 1, 2]")
            let id = try #require(done["request_id"]?.string)
            let row = try await server.poll("/v1/generations/\(id)", headers: headers) {
                $0["status"]?.string == "completed"
            }
            #expect(row["cost"]?.string == "1")
        }
        #expect(starts.all == [0, 3])
        let store = try await home.open(masterKey: Secret("a master key of thirty-two bytes."))
        let user = try #require(try await store.user(named: "anna"))
        // 100 seconds at a cent.
        #expect(user.balance == Money("9"))
        #expect(try await store.verify().faults == [])
        try store.close()
    }

    @Test func `a job that was cancelled or failed costs nothing`() async throws {
        let home = try TemporaryDatabase()
        let fails = FakeTranscriber { _ throws(Failure) in throw .server("broken") }
        try await JobServer.run(fails, in: home, prepare: Self.prepare) { server in
            let key = try await server.administration.createKey(name: "k", user: "anna").text.reveal()
            try await server.backend.reload()
            let headers = ["Authorization": "Bearer \(key)"]
            let made = try await server.post(TestForm(), headers: headers.merging(["Prefer": "respond-async"]) { $1 })
            let path = try #require(made?.headers["location"])
            _ = try await server.poll(path, headers: headers) { $0["status"]?.string == "failed" }
        }
        let store = try await home.open(masterKey: Secret("a master key of thirty-two bytes."))
        let user = try #require(try await store.user(named: "anna"))
        #expect(user.balance == Money("10"))
        try store.close()
    }

    @Test func `a key that may not pay gets no job`() async throws {
        try await JobServer.run(prepare: { administration in
            _ = try await administration.createUser(name: "poor")
            var price = Price(model: "whisper-1", created: 0)
            price.audioSecond = Money("0.01")
            try await administration.savePrices([price])
        }) { server in
            let key = try await server.administration.createKey(name: "k", user: "poor").text.reveal()
            try await server.backend.reload()
            let headers = ["Authorization": "Bearer \(key)", "Prefer": "respond-async"]
            let audio = String(repeating: "x", count: 10_000)
            let refused = try #require(try await server.post(TestForm(file: audio), headers: headers))
            #expect(refused.status == 403 || refused.status == 429 || refused.status == 402)
            let list = try JobServer.json(try await server.request("GET", "/v1/audio/jobs", headers: headers))
            #expect(list["first_id"]?.isNull == true)
        }
    }

    @Test func `a key that was switched off meanwhile fails its job`() async throws {
        let home = try TemporaryDatabase()
        let starts = Seen()
        var headers: [String: String] = [:]
        var path = ""
        try await JobServer.run(Self.engine(Latch(), resumedAt: starts), in: home) { server in
            let key = try await server.administration.createKey(name: "k").text.reveal()
            try await server.backend.reload()
            headers = ["Authorization": "Bearer \(key)"]
            let made = try await server.post(TestForm(), headers: headers.merging(["Prefer": "respond-async"]) { $1 })
            path = try #require(made?.headers["location"])
            _ = try await server.poll(path, headers: headers) { $0["status"]?.string == "in_progress" }
        }
        try await JobServer.run(
            Self.engine(nil, resumedAt: starts),
            in: home,
            prepare: { administration in
                var limits = Administration.KeyLimits()
                limits.isEnabled = .set(false)
                _ = try await administration.changeKey("k", limits)
            }
        ) { server in
            // Its owner may still see why.
            let failed = try await server.poll(path, headers: headers) { $0["status"]?.string == "failed" }
            #expect(failed["error"]?["message"]?.string?.isEmpty == false)
        }
    }

    @Test func `what has ended is still there after a restart`() async throws {
        let home = try TemporaryDatabase()
        var path = ""
        try await JobServer.run(in: home) { server in
            path = try #require(try await server.post(TestForm(), headers: JobRoutesTests.prefer)?.headers["location"])
            _ = try await server.poll(path) { $0["status"]?.string == "completed" }
        }
        try await JobServer.run(in: home) { server in
            let result = try await server.request("GET", path + "/result")
            #expect(result?.body == "{}")
        }
    }
}
