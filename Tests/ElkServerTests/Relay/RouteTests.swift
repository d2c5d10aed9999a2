import ElkWire
import HTTPTypes
import Testing

@testable import ElkServer

struct RouteTests {
    @Test(arguments: [
        ("POST", "/v1/chat/completions", Route.call(.chat)), ("POST", "/v1/messages", .call(.messages)),
        ("POST", "/v1/messages/count_tokens", .call(.countTokens)), ("POST", "/v1/responses", .call(.responses)),
        ("POST", "/v2/rerank", .call(.rerank)), ("POST", "/rerank", .call(.rerank)),
        ("POST", "/v1/rerank", .call(.rerank)),
        ("POST", "/v1/engines/a/b/embeddings", .engineEmbeddings(model: "a/b")),
        ("POST", "/v1beta/models/gemini-x:generateContent", .gemini(model: "gemini-x", .generateContent)),
        ("POST", "/v1/models/gemini-x:streamGenerateContent", .gemini(model: "gemini-x", .streamGenerateContent)),
        ("POST", "/v1beta/models/gemini-x%3AcountTokens", .gemini(model: "gemini-x", .countTokens)),
        ("POST", "/v1beta/models/a%2Fb:embedContent", .gemini(model: "a/b", .embedContent)),
        ("GET", "/v1/models", .models), ("GET", "/v1beta/models", .models), ("HEAD", "/v1/models", .models),
        ("GET", "/v1/models/acme/base%20x", .model("acme/base x")), ("GET", "/v1beta/openai/models/m", .model("m")),
        ("GET", "/v1/responses/resp_1", .response(id: "resp_1")),
        ("DELETE", "/v1/responses/resp_1", .deleteResponse(id: "resp_1")),
        ("POST", "/v1/responses/resp_1/cancel", .cancelResponse(id: "resp_1")),
        ("GET", "/v1/responses/resp_1/input_items", .inputItems(id: "resp_1")),
        ("GET", "/v1/dashboard/billing/subscription", .subscription), ("GET", "/dashboard/billing/usage", .billedUsage),
        ("GET", "/v1/dashboard/billing/credit_grants", .creditGrants), ("GET", "/api/usage/token/", .tokenUsage),
        ("GET", "/v1/generations/req_1", .generation(id: "req_1")),
        ("PATCH", "/api/admin/users/a%2Fb", .admin(path: ["users", "a/b"])), ("HEAD", "/", .page(file: "index.html")),
        ("GET", "/", .page(file: "index.html")),
        ("GET", "/assets/app.css", .page(file: "app.css")),
        ("POST", "/v1/audio/translations", .speech(.translate)), ("GET", "/metrics", .metrics),
        ("POST", "/v1/audio/voices", .notServed), ("GET", "/v1/audio/voice_consents", .notServed),
        ("POST", "/v1/fine_tuning/jobs", .notServed), ("GET", "/v1/realtime", .realtime),
        ("POST", "/v1/realtime/client_secrets", .ephemeralKey(.current)),
        ("POST", "/v1/realtime/sessions", .ephemeralKey(.betaTalk)),
        ("POST", "/v1/realtime/transcription_sessions", .ephemeralKey(.betaTranscription)),
    ])
    func `each path is found with its method`(method: String, path: String, route: Route) throws {
        let method = try #require(HTTPRequest.Method(rawValue: method))
        #expect(Route.match(method, path[...]) == .found(route))
    }

    @Test(arguments: [
        ("GET", "/v1/chat/completions", "POST"), ("POST", "/v1/models", "GET, HEAD"),
        ("PUT", "/v1/responses/resp_1", "GET, HEAD, DELETE"), ("GET", "/v1beta/models/m:generateContent", "POST"),
        ("DELETE", "/v1/models/m", "GET, HEAD"), ("GET", "/v1/realtime/client_secrets", "POST"),
    ])
    func `with another method it says which`(method: String, path: String, allowed: String) throws {
        let method = try #require(HTTPRequest.Method(rawValue: method))
        #expect(Route.match(method, path[...]) == .wrongMethod(allowed: allowed))
    }

    @Test(arguments: [
        "/v1", "/v1/", "//v1/chat/completions", "/V1/chat/completions", "/v1/chat/completions/x", "/v1/responses/a%2fb",
        "/v1/responses/", "/v1/responses/a/b/c", "/v1/generations/", "/v1beta/models/a..b:generateContent",
        "/v1beta/models/a b:generateContent", "/v1beta/models/:generateContent", "/api/admin", "/api/adminx/users",
        "/v1/engines/embeddings", "/assets", "/assets/", "/assets/a/b", "/assets/a%2fb",
    ])
    func `nothing else is`(path: String) {
        #expect(Route.match(.post, path[...]) == .unknown)
        #expect(Route.match(.get, path[...]) == .unknown)
    }

    @Test(
        arguments: [
            ("/v1/messages", [:], Dialect.anthropic), ("/v1/messages/batches", [:], .anthropic), ("/", [:], .openAI),
            ("/v1beta/models", [:], .gemini), ("/v1beta/openai/models", [:], .openAI), ("/v1/models", [:], .openAI),
            ("/v1/models", ["anthropic-version": "2023-06-01"], .anthropic),
            ("/v1/models/m", ["x-goog-api-key": "k"], .gemini),
            ("/v1/models/m:generateContent", [:], .gemini),
            ("/v1/chat/completions", ["anthropic-version": "x"], .openAI),
        ] as [(String, [String: String], Dialect)]
    )
    func `the dialect follows from the path, and for models from the headers`(
        path: String,
        headers: [String: String],
        dialect: Dialect
    ) {
        var fields = HTTPFields()
        for (name, value) in headers {
            guard let name = HTTPField.Name(name) else { continue }
            fields[name] = value
        }
        #expect(Route.dialect(of: path[...], fields) == dialect)
    }
}

struct CredentialsTests {
    private func key(_ headers: [(String, String)], query: String? = nil) throws(Failure) -> String? {
        var fields = HTTPFields()
        for (name, value) in headers {
            guard let name = HTTPField.Name(name) else { continue }
            fields.append(HTTPField(name: name, value: value))
        }
        return try Credentials.key(in: fields, queryKey: query)
    }

    @Test(arguments: [
        ("Authorization", "Bearer sk-a"), ("authorization", "bearer   sk-a"), ("Authorization", "BEARER sk-a"),
        ("Authorization", "sk-a"), ("x-api-key", "sk-a"), ("x-goog-api-key", "sk-a"), ("api-key", "sk-a"),
    ])
    func `a key is found in each of its forms`(name: String, value: String) throws {
        #expect(try key([(name, value)]) == "sk-a")
    }

    @Test func `the query counts too, and the same key may be there twice`() throws {
        #expect(try key([], query: "sk-a") == "sk-a")
        #expect(try key([("Authorization", "Bearer sk-a"), ("x-api-key", "sk-a")], query: "sk-a") == "sk-a")
        #expect(try key([("Authorization", "Bearer "), ("x-api-key", "sk-a")]) == "sk-a")
    }

    @Test(arguments: [
        [("Authorization", "Bearer sk-a"), ("x-api-key", "sk-b")], [("x-api-key", "sk-a"), ("x-goog-api-key", "sk-b")],
        [("x-api-key", "sk-a"), ("x-api-key", "sk-b")],
    ])
    func `two different keys are refused`(headers: [(String, String)]) {
        #expect(throws: Failure.self) { try key(headers) }
    }

    @Test(
        arguments: [
            [], [("Authorization", "")], [("Authorization", "Basic YTpi")], [("Authorization", "Bearer")],
            [("Cookie", "key=sk-a")],
        ] as [[(String, String)]]
    )
    func `nothing else is a key`(headers: [(String, String)]) throws {
        #expect(try key(headers) == nil)
    }
}
