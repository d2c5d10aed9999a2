import ElkGateway
import ElkServer
import Testing

@Suite(.timeLimit(.minutes(3)))
struct ModelRoutesTests {
    @Test func `models are listed in OpenAI's shape`() async throws {
        try await TestServer.run { server in
            let response = try #require(try await server.request("GET", "/v1/models"))
            #expect(response.status == 200)
            let expected =
                #"{"object":"list","data":[{"id":"acme/base \"x\"","object":"model","created":1,"owned_by":"acme"},"#
                + #"{"id":"whisper-1","object":"model","created":1700000000,"owned_by":"elk"}]}"#
            #expect(response.body == expected)
        }
    }

    @Test(arguments: ["whisper-1", "acme/base%20%22x%22", "acme%2Fbase%20%22x%22"])
    func `a model is found by its id, plain or encoded`(id: String) async throws {
        try await TestServer.run { server in
            let response = try #require(try await server.request("GET", "/v1/models/\(id)"))
            #expect(response.status == 200)
            #expect(response.body.hasPrefix(#"{"id":""#))
        }
    }

    @Test func `an unknown model is not found`() async throws {
        try await TestServer.run { server in
            let response = try #require(try await server.request("GET", "/v1/models/gpt%2F9"))
            #expect(response.status == 404)
            #expect(response.body.contains("The model `gpt/9` does not exist"))
            #expect(response.body.contains(#""code":"model_not_found""#))
        }
    }
}
