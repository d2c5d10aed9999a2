import ElkGateway
import ElkServer
import ElkStorage
import ElkTestSupport
import Testing

/// Whatever is wrong, a client reads it in the shape that its SDK knows (GC 1.1.4).
@Suite(.timeLimit(.minutes(3)))
struct DialectErrorTests {
    enum Shape: CaseIterable, Sendable {
        case openAI, anthropic, gemini

        var path: String {
            switch self {
            case .openAI: "/v1/chat/completions"
            case .anthropic: "/v1/messages"
            case .gemini: "/v1beta/models/m:generateContent"
            }
        }

        var body: String {
            switch self {
            case .openAI: Sample.request
            case .anthropic: #"{"model":"m","max_tokens":5,"messages":[{"role":"user","content":"Hi"}]}"#
            case .gemini: #"{"contents":[{"role":"user","parts":[{"text":"Hi"}]}]}"#
            }
        }

        func expect(_ response: RawClient.Response?, _ status: Int, sourceLocation: SourceLocation = #_sourceLocation) {
            guard let response else {
                Issue.record("no answer", sourceLocation: sourceLocation)
                return
            }
            let body = response.body
            #expect(response.status == status, sourceLocation: sourceLocation)
            #expect(response.headers["content-type"] == "application/json", sourceLocation: sourceLocation)
            switch self {
            case .openAI:
                #expect(body.hasPrefix(#"{"error":{"message":""#), sourceLocation: sourceLocation)
                #expect(body.contains(#","param":"#) && body.contains(#","code":"#), sourceLocation: sourceLocation)
            case .anthropic:
                #expect(body.hasPrefix(#"{"type":"error","error":{"type":""#), sourceLocation: sourceLocation)
                #expect(body.contains(#""request_id":"req_"#), sourceLocation: sourceLocation)
            case .gemini:
                #expect(body.hasPrefix(#"{"error":{"code":\#(status),"message":""#), sourceLocation: sourceLocation)
                #expect(body.contains(#","status":""#), sourceLocation: sourceLocation)
            }
        }
    }

    @Test(arguments: Shape.allCases)
    func `no key, a wrong one and two different ones`(shape: Shape) async throws {
        try await TestServer.run(configure: { $0.apiKeys = ["sk-right"] }) { server in
            shape.expect(try await server.post(shape.body, to: shape.path), 401)
            let wrong = ["Authorization": "Bearer sk-wrong-and-long-enough"]
            shape.expect(try await server.post(shape.body, to: shape.path, headers: wrong), 401)
            let two = ["Authorization": "Bearer sk-right", "x-api-key": "sk-other"]
            let ambiguous = try await server.post(shape.body, to: shape.path, headers: two)
            shape.expect(ambiguous, 400)
            let same = ["Authorization": "Bearer sk-right", "x-api-key": "sk-right"]
            #expect(try await server.post(shape.body, to: shape.path, headers: same)?.status != 400)
        }
    }

    @Test(arguments: Shape.allCases)
    func `a body that is no JSON, a wrong method, a body that is too long, a coding that is not known`(
        shape: Shape
    ) async throws {
        try await TestServer.run(configure: { $0.maxBodyBytes = 1000 }) { server in
            shape.expect(try await server.post("{", to: shape.path), 400)
            shape.expect(try await server.post("[]", to: shape.path), 400)
            shape.expect(try await server.request("PUT", shape.path), 405)
            shape.expect(try await server.post(String(repeating: " ", count: 1001), to: shape.path), 413)
            let coded = try await server.post(shape.body, to: shape.path, headers: ["Content-Encoding": "gzip"])
            shape.expect(coded, 415)
        }
    }

    @Test(arguments: Shape.allCases)
    func `a model that nothing serves`(shape: Shape) async throws {
        try await FakeUpstream.relayed(models: ["another"], answering: { _ in .whole(Sample.chat) }) {
            server,
            upstream in
            let response = try #require(try await server.post(shape.body, to: shape.path))
            shape.expect(response, response.status)
            #expect([404, 503].contains(response.status))
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test(arguments: Shape.allCases, [400, 401, 403, 404, 429, 500, 503])
    func `what a provider refuses, and never its words about our key`(shape: Shape, status: Int) async throws {
        let refusal =
            #"{"error":{"message":"Incorrect API key provided: sk-upstream-canary-0123456789.","type":"x","code":null}}"#
        try await FakeUpstream.relayed(answering: { _ in .whole(refusal, status: status) }) { server, _ in
            let response = try #require(try await server.post(shape.body, to: shape.path))
            shape.expect(response, response.status)
            #expect(response.status >= 400)
            #expect(!response.body.contains("canary"))
        }
    }

    @Test(arguments: Shape.allCases)
    func `a stream that is cut ends with an error event and not as if it were complete`(shape: Shape) async throws {
        try await FakeUpstream.relayed(answering: { _ in
            FakeAnswer.events(Array(Sample.chatEvents.prefix(3)), ends: false).cut(after: .max)
        }) { server, _ in
            let (path, body) =
                switch shape {
                case .openAI: (shape.path, Sample.streamRequest)
                case .anthropic: (shape.path, String(shape.body.dropLast()) + #","stream":true}"#)
                case .gemini: ("/v1beta/models/m:streamGenerateContent?alt=sse", shape.body)
                }
            let response = try #require(try await server.post(body, to: path))
            #expect(response.status == 200)
            #expect(response.body.contains("error"))
            #expect(!response.body.contains("[DONE]"))
            #expect(!response.body.contains("message_stop"))
        }
    }

    @Test(arguments: [
        ("/v1/messages/nothing", Shape.anthropic), ("/v1beta/nothing", .gemini), ("/v1/nothing", .openAI),
        ("/v1beta/models/..%2f..%2fetc:generateContent", .gemini), ("/v1beta/models/a%0d%0ab:generateContent", .gemini),
        ("/v1beta/models/a%3fb%3d:generateContent", .gemini), ("/v1beta/models/%2e%2e:generateContent", .gemini),
        ("/v1/models/a/../b:generateContent", .gemini), ("/v1beta/models/:generateContent", .gemini),
    ])
    func `a path that leads nowhere`(path: String, shape: Shape) async throws {
        try await FakeUpstream.relayed(models: ["*"], answering: { _ in .whole(Sample.chat) }) { server, upstream in
            shape.expect(try await server.post("{}", to: path), 404)
            #expect(upstream.requests.isEmpty)
        }
    }

    @Test func `what OpenAI has and a gateway has not`() async throws {
        try await TestServer.run { server in
            let response = try #require(try await server.request("GET", "/v1/files"))
            #expect(response.status == 501)
            #expect(response.body.contains("api_not_implemented"))
        }
    }

    @Test func `looking whether anybody is there`() async throws {
        try await TestServer.run { server in
            let response = try await server.request("HEAD", "/")
            #expect(response?.status == 200)
        }
    }
}
