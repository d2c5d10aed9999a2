import ElkGateway
import ElkServer
import ElkWire
import Testing

@Suite(.timeLimit(.minutes(3)))
struct BodyLimitTests {
    private let form = TestForm(file: String(repeating: "a", count: 5_000))
    private var length: Int { form.body.utf8.count }

    @Test func `a body of exactly the limit passes and one byte more does not`() async throws {
        try await TestServer.run(configure: { $0.maxBodyBytes = length }) { server in
            let response = try await server.post(form)
            #expect(response?.status == 200)
        }
        try await TestServer.run(configure: { $0.maxBodyBytes = length - 1 }) { server in
            let response = try #require(try await server.post(form))
            #expect(response.status == 413)
            let message = "Maximum content size limit (\(length - 1)) exceeded (\(length) bytes read)"
            #expect(response.body.contains("\"\(message)\",\"type\":\"server_error\",\"param\":null,\"code\":null"))
        }
    }

    @Test func `an announced body over the limit is refused before any of it is sent, and the connection closes`()
        async throws
    {
        try await TestServer.run { server in
            let client = try await RawClient(port: server.port)
            let headers = form.headers.merging(["Content-Length": "26214401"]) { $1 }
            try await client.send(TestServer.message("POST", "/v1/audio/transcriptions", headers: headers))
            let response = try #require(await client.response())
            #expect(response.status == 413)
            #expect(response.headers["connection"] == "close")
            #expect(await client.isClosedByServer())
        }
    }

    @Test func `a client that goes on sending can still read its refusal`() async throws {
        try await TestServer.run(configure: { $0.maxBodyBytes = 3_000_000 }) { server in
            let client = try await RawClient(port: server.port)
            let headers = form.headers.merging(["Content-Length": "4000000"]) { $1 }
            try await client.send(TestServer.message("POST", "/v1/audio/transcriptions", headers: headers))
            for _ in 0..<40 { try await client.send(String(repeating: "x", count: 100_000)) }
            let response = await client.response()
            #expect(response?.status == 413)
            #expect(await client.isClosedByServer())
        }
    }

    @Test func `a chunked body is read, and refused once it passes the limit`() async throws {
        let headers = form.headers.merging(["Transfer-Encoding": "chunked"]) { $1 }
        let chunks = stride(from: 0, to: length, by: 1000).map { start in
            let piece = String(decoding: form.body.utf8.dropFirst(start).prefix(1000), as: UTF8.self)
            return "\(String(piece.utf8.count, radix: 16))\r\n\(piece)\r\n"
        }
        let body = chunks.joined() + "0\r\n\r\n"
        try await TestServer.run { server in
            let response = try await server.request("POST", "/v1/audio/transcriptions", headers: headers, body: body)
            #expect(response?.status == 200)
        }
        try await TestServer.run(configure: { $0.maxBodyBytes = 3000 }) { server in
            let response = try #require(
                try await server.request("POST", "/v1/audio/transcriptions", headers: headers, body: body)
            )
            #expect(response.status == 413)
            #expect(response.headers["connection"] == "close")
        }
    }

    @Test func `a body whose chunks make no sense is refused and the connection closes`() async throws {
        let transcriber = FakeTranscriber()
        try await TestServer.run(transcriber) { server in
            let client = try await RawClient(port: server.port)
            let headers = form.headers.merging(["Transfer-Encoding": "chunked"]) { $1 }
            let body = "5\r\n--xYz\r\nnonsense\r\n"
            try await client.send(TestServer.message("POST", "/v1/audio/transcriptions", headers: headers, body: body))
            #expect(await client.response()?.status == 400)
            #expect(await client.isClosedByServer())
        }
        #expect(transcriber.jobs.isEmpty)
    }

    @Test func `a client that asks first is told to go on`() async throws {
        try await TestServer.run { server in
            let client = try await RawClient(port: server.port)
            let headers = ["Expect": "100-continue", "Content-Length": "\(length)"].merging(form.headers) { $1 }
            try await client.send(TestServer.message("POST", "/v1/audio/transcriptions", headers: headers))
            let go = try #require(await client.response())
            #expect(go.status == 100)
            try await client.send(form.body)
            let response = await client.response()
            #expect(response?.status == 200)
            #expect(response?.headers["connection"] != "close")
        }
    }

    @Test(arguments: [("30000000", "sk-right", 413), ("100", "sk-wrong", 401)])
    func `a client that asks first is refused early`(length: String, key: String, status: Int) async throws {
        try await TestServer.run(configure: { $0.apiKeys = ["sk-right"] }) { server in
            let client = try await RawClient(port: server.port)
            let headers = ["Expect": "100-continue", "Content-Length": length, "Authorization": "Bearer \(key)"]
                .merging(form.headers) { $1 }
            try await client.send(TestServer.message("POST", "/v1/audio/transcriptions", headers: headers))
            let response = try #require(await client.response())
            #expect(response.status == status)
            #expect(response.headers["connection"] == "close")
            #expect(await client.isClosedByServer())
        }
    }

    @Test func `a short refused body costs the client nothing but the refusal`() async throws {
        try await TestServer.run { server in
            let client = try await RawClient(port: server.port)
            try await client.send(TestForm(model: "unknown").message + TestForm().message)
            #expect(await client.response()?.status == 404)
            #expect(await client.response()?.status == 200)
        }
    }

    @Test func `a connection that says nothing is closed`() async throws {
        try await TestServer.run(configure: { $0.idleSeconds = 1 }) { server in
            let silent = try await RawClient(port: server.port)
            let halfway = try await RawClient(port: server.port)
            try await halfway.send(String(decoding: form.message.utf8.prefix(300), as: UTF8.self))
            let slowHead = try await RawClient(port: server.port)
            try await slowHead.send("GET /health HT")
            #expect(await silent.isClosedByServer())
            #expect(await halfway.isClosedByServer())
            #expect(await slowHead.isClosedByServer())
        }
    }

    @Test func `connections beyond the limit wait for a place`() async throws {
        try await TestServer.run(configure: { $0.maxConnections = 1 }) { server in
            let first = try await RawClient(port: server.port)
            try await first.send(TestServer.message("GET", "/health"))
            #expect(await first.response()?.status == 200)
            let second = try await RawClient(port: server.port)
            try await second.send(TestServer.message("GET", "/health"))
            try await first.send(TestServer.message("GET", "/health"))
            #expect(await first.response()?.status == 200)
            try await first.close()
            #expect(await second.response()?.status == 200)
        }
    }

    @Test func `endless headers are refused`() async throws {
        try await TestServer.run { server in
            let headers = ["X-Long": String(repeating: "x", count: 100_000)]
            let response = try await server.request("GET", "/health", headers: headers)
            #expect(response?.status == 431)
        }
    }
}
