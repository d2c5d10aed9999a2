import ElkServer
import Testing

@Suite(.timeLimit(.minutes(3)))
struct MalformedRequestTests {
    @Test(arguments: [
        ("nonsense\r\n\r\n", 400, "malformed_request"),
        ("GET /v1/models HTTP/1.1\r\nHost: a\r\nb c: d\r\n\r\n", 400, "malformed_request"),
        ("POST /v1/responses HTTP/1.1\r\nHost: a\r\nContent-Length: many\r\n\r\n", 400, "malformed_request"),
        (
            "GET /v1/models HTTP/1.1\r\nHost: a\r\nX: \(String(repeating: "x", count: 20_000))\r\n\r\n", 431,
            "headers_too_large"
        ),
    ])
    func `what is no HTTP is refused in an envelope, and the connection ends`(
        message: String,
        status: Int,
        code: String
    ) async throws {
        try await TestServer.run { server in
            let client = try await RawClient(port: server.port)
            try await client.send(message)
            let response = try #require(await client.response())
            #expect(response.status == status)
            #expect(response.headers["content-type"] == "application/json")
            #expect(response.headers["x-request-id"] != nil)
            #expect(response.headers["connection"] == "close")
            #expect(response.body.contains(#""type":"invalid_request_error","param":null,"code":"\#(code)""#))
            #expect(await client.isClosedByServer())
            #expect(try await server.request("GET", "/health")?.status == 200)
        }
    }

    @Test func `requests before it have their answers`() async throws {
        try await TestServer.run { server in
            let client = try await RawClient(port: server.port)
            try await client.send(TestServer.message("GET", "/health"))
            #expect(await client.response()?.status == 200)
            try await client.send("nonsense\r\n\r\n")
            #expect(await client.response()?.status == 400)
        }
    }
}
