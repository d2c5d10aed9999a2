import Testing

@testable import ElkServer

@Suite(.timeLimit(.minutes(3)))
struct AuthorizationTests {
    private static let key = "sk-elk-0123456789abcdef"

    @Test(arguments: [
        ("Authorization", "Bearer sk-second"), ("Authorization", "bearer  \(key)"), ("X-API-Key", key),
        ("api-key", key),
    ])
    func `each configured key opens, in each header`(name: String, value: String) async throws {
        try await TestServer.run(configure: { $0.apiKeys = [Self.key, "sk-second"] }) { server in
            let response = try await server.request("GET", "/v1/models", headers: [name: value])
            #expect(response?.status == 200)
        }
    }

    @Test(arguments: [
        ("Authorization", "Bearer sk-wrong-0123456789-wxyz", "Incorrect API key provided: sk-***wxyz."),
        ("Authorization", "Bearer short", "Incorrect API key provided: ***."),
        ("Authorization", "Basic \(key)", "You didn't provide an API key."),
        ("Authorization", "Bearer ", "You didn't provide an API key."),
        ("Authorization", "Bearer \(key)x", "Incorrect API key provided: sk-***defx."),
        ("X-Other", key, "You didn't provide an API key."),
    ])
    func `anything else is refused and never shown whole`(name: String, value: String, message: String) async throws {
        try await TestServer.run(configure: { $0.apiKeys = [Self.key] }) { server in
            let response = try #require(try await server.request("GET", "/v1/models", headers: [name: value]))
            #expect(response.status == 401)
            #expect(response.body.contains(message))
            #expect(response.body.contains(#""type":"invalid_request_error","param":null,"code":"invalid_api_key""#))
            #expect(response.headers["www-authenticate"] == "Bearer")
        }
    }

    @Test func `health needs no key, and what is not there does`() async throws {
        try await TestServer.run(configure: { $0.apiKeys = [Self.key] }) { server in
            let health = try #require(try await server.request("GET", "/health"))
            #expect(health.status == 200)
            #expect(health.body == #"{"status":"ok"}"#)
            #expect(try await server.request("GET", "/nothing")?.status == 401)
        }
    }
}

struct ServerConfigurationTests {
    @Test(arguments: ["127.0.0.1", "127.8.0.1", "localhost", "::1"])
    func `a loopback address needs no key`(host: String) throws {
        var configuration = ServerConfiguration()
        configuration.host = host
        try configuration.validate()
    }

    @Test(arguments: ["0.0.0.0", "::", "192.168.1.2", "127.evil.example.com", "127.0.0.1.nip.io", "example.com", ""])
    func `any other address needs one`(host: String) throws {
        var configuration = ServerConfiguration()
        configuration.host = host
        #expect(throws: ServerConfigurationError.self) { try configuration.validate() }
        configuration.apiKeys = ["sk-x"]
        try configuration.validate()
        configuration.apiKeys = [""]
        #expect(throws: ServerConfigurationError.self) { try configuration.validate() }
    }
}
