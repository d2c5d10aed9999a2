import ElkWire
import NIOCore
import Testing

struct FailureEnvelopeTests {
    private func envelope(_ failure: Failure, _ dialect: Dialect, _ id: RequestID? = nil) throws -> JSONSlice {
        var buffer = ByteBuffer()
        failure.writeEnvelope(dialect, requestID: id, into: &buffer)
        return try JSONSlice(validating: buffer)
    }

    /// Kind, OpenAI status and type, Anthropic status and type, Gemini status and name.
    private static let table: [(Failure.Kind, Int, String, Int, String, Int, String)] = [
        (.invalidRequest, 400, "invalid_request_error", 400, "invalid_request_error", 400, "INVALID_ARGUMENT"),
        (.authentication, 401, "invalid_request_error", 401, "authentication_error", 401, "UNAUTHENTICATED"),
        (.permission, 403, "invalid_request_error", 403, "permission_error", 403, "PERMISSION_DENIED"),
        (.notFound, 404, "invalid_request_error", 404, "not_found_error", 404, "NOT_FOUND"),
        (.methodNotAllowed, 405, "invalid_request_error", 405, "invalid_request_error", 405, "INVALID_ARGUMENT"),
        (.conflict, 409, "invalid_request_error", 409, "invalid_request_error", 409, "ABORTED"),
        (.tooLarge, 413, "invalid_request_error", 413, "request_too_large", 413, "INVALID_ARGUMENT"),
        (.unsupportedMedia, 415, "invalid_request_error", 415, "invalid_request_error", 415, "INVALID_ARGUMENT"),
        (.rateLimited, 429, "requests", 429, "rate_limit_error", 429, "RESOURCE_EXHAUSTED"),
        (.insufficientQuota, 429, "insufficient_quota", 402, "billing_error", 429, "RESOURCE_EXHAUSTED"),
        (.overloaded, 503, "server_error", 529, "overloaded_error", 503, "UNAVAILABLE"),
        (.unavailable, 503, "server_error", 503, "api_error", 503, "UNAVAILABLE"),
        (.timeout, 504, "server_error", 504, "timeout_error", 504, "DEADLINE_EXCEEDED"),
        (.upstream, 502, "upstream_error", 502, "api_error", 502, "UNAVAILABLE"),
        (.notImplemented, 501, "invalid_request_error", 501, "invalid_request_error", 501, "UNIMPLEMENTED"),
        (.internal, 500, "server_error", 500, "api_error", 500, "INTERNAL"),
        (.clientGone, 499, "invalid_request_error", 499, "invalid_request_error", 499, "CANCELLED"),
    ]

    @Test(arguments: Failure.Kind.allCases)
    func `every kind has its words in every dialect`(kind: Failure.Kind) throws {
        let row = try #require(Self.table.first { $0.0 == kind })
        let failure = Failure(kind, "It \"broke\".")
        let id = RequestID()

        let openAI = try envelope(failure, .openAI, id)
        #expect(failure.status(in: .openAI) == row.1)
        #expect(openAI["error", "type"]?.string == row.2)
        #expect(openAI["error"]?.members.map(\.key.string) == ["message", "type", "param", "code"])
        #expect(openAI["error", "message"]?.string == "It \"broke\".")

        let anthropic = try envelope(failure, .anthropic, id)
        #expect(failure.status(in: .anthropic) == row.3)
        #expect(anthropic["type"]?.string == "error")
        #expect(anthropic["error", "type"]?.string == row.4)
        #expect(anthropic["error", "message"]?.string == "It \"broke\".")
        #expect(anthropic["request_id"]?.string == id.description)

        let gemini = try envelope(failure, .gemini, id)
        #expect(failure.status(in: .gemini) == row.5)
        #expect(gemini["error", "code"]?.int == row.5)
        #expect(gemini["error", "status"]?.string == row.6)
        #expect(gemini["error", "message"]?.string == "It \"broke\".")
    }

    @Test(
        arguments: [
            (400, .invalidRequest), (401, .authentication), (402, .insufficientQuota), (403, .permission),
            (404, .notFound),
            (405, .methodNotAllowed), (408, .timeout), (409, .conflict), (413, .tooLarge), (415, .unsupportedMedia),
            (422, .invalidRequest), (429, .rateLimited), (431, .invalidRequest), (499, .clientGone), (500, .internal),
            (501, .notImplemented), (502, .upstream), (503, .unavailable), (504, .timeout), (524, .timeout),
            (529, .overloaded),
        ] as [(Int, Failure.Kind)]
    )
    func `a status tells the kind`(status: Int, kind: Failure.Kind) {
        #expect(Failure(status: status, type: "server_error", message: "").kind == kind)
    }

    @Test(arguments: Dialect.allCases)
    func `the error event of a stream holds the envelope`(dialect: Dialect) throws {
        let failure = Failure(.upstream, "cut\noff")
        let id = RequestID()
        var buffer = ByteBuffer()
        failure.writeErrorEvent(dialect, requestID: id, into: &buffer)
        var body = ByteBuffer()
        failure.writeEnvelope(dialect, requestID: id, into: &body)
        var parser = SSEParser()
        parser.append(buffer)
        #expect(try parser.next() == SSEEvent(type: dialect == .anthropic ? "error" : nil, data: body))
        #expect(try parser.next() == nil)
        #expect(parser.finish() == nil)
    }

    @Test func `an envelope goes behind what the buffer holds`() {
        var buffer = ByteBuffer(string: "x")
        Failure(.internal, "m").writeEnvelope(.gemini, requestID: nil, into: &buffer)
        #expect(String(buffer: buffer) == #"x{"error":{"code":500,"message":"m","status":"INTERNAL"}}"#)
    }

    @Test func `an empty account is not to be tried again`() {
        #expect(Failure(.insufficientQuota, "").shouldRetry == false)
        #expect(Failure(.rateLimited, "").shouldRetry == nil)
        #expect(Failure(status: 429, type: "insufficient_quota", message: "").kind == .insufficientQuota)
    }

    @Test(arguments: [(1, 1), (999, 1), (1000, 1), (1001, 2), (0, 0)])
    func `seconds to wait are rounded up`(milliseconds: Int, seconds: Int) {
        #expect(Failure(.rateLimited, "", retryAfterMilliseconds: milliseconds).retryAfter == seconds)
    }

    @Test func `a detail is not sent`() throws {
        for dialect in Dialect.allCases {
            let text = String(buffer: try envelope(Failure(.internal, "m", detail: "secret"), dialect).bytes)
            #expect(!text.contains("secret"))
        }
    }
}

struct FailureMaskTests {
    @Test(arguments: [
        (
            "Incorrect API key provided: sk-proj-abc123XYZ. See https://platform.openai.com/account/api-keys.",
            "Incorrect API key provided: [key]. See [url]."
        ),
        ("Incorrect API key provided: sk-abcd****wxyz.", "Incorrect API key provided: [key]."),
        ("dial tcp 10.0.3.7:8080: connect: connection refused", "dial tcp [address]:8080: connect: connection refused"),
        ("lookup llm.corp.internal: no such host", "lookup [host]: no such host"),
        ("API key AIzaSyD-abc_123456789 not valid", "API key [key] not valid"),
        ("Authorization: Bearer abcdef123456, retry", "Authorization: Bearer [key], retry"),
        ("token eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_def expired", "token [key] expired"),
        ("at wss://a.b/c?key=1, or redis://x:y@z", "at [url], or [url]"),
        ("GET /v1beta/models?key=abcdef1234 failed", "GET /v1beta/models?key=[key] failed"),
        ("peer fe80::1ff:fe23:4567:890a closed", "peer [address] closed"),
        ("[2001:db8::1]:443 refused", "[[address]]:443 refused"),
        ("organization org-aBcDeFgH12345678 on requests per min", "organization [account] on requests per min"),
        ("Host api.openai.com:443/v1/chat", "Host [host]:443/v1/chat"),
        ("listening on localhost:8080", "listening on [host]:8080"),
        ("bad token 0123456789abcdef0123456789abcdef here", "bad token [key] here"),
        ("mail a.b@example.com", "mail a.b@[host]"),
    ])
    func `secrets and addresses are masked`(text: String, masked: String) {
        #expect(Failure.masked(text) == masked)
    }

    @Test(arguments: [
        "The model `gpt-4.1-mini-2025-04-14` does not exist",
        "model meta-llama/Llama-4-Maverick-17B-128E-Instruct-FP8 is not available",
        "Invalid value for 'messages[0].content.image_url': expected a string at input.content",
        "claude-3-5-sonnet-20241022 at 12:30:45, 1.5 tokens per second; version 1.2.3",
        "max_tokens: 200000 > 8192, which is the maximum: see docs.", "日本語のエラー: モデルが見つかりません。",
        "Rate limit reached: Limit 3, Used 3. (request id: 9f1c2d3e-aaaa-bbbb-cccc-0123456789ab)",
        "", "...", ": , ?", "key = value; basic info",
    ])
    func `what a user needs stays`(text: String) {
        #expect(Failure.masked(text) == text)
    }

    @Test func `a long message is cut between characters`() {
        #expect(Failure.masked(String(repeating: "a b ", count: 1000)).utf8.count == 2048 + 3)
        for limit in 0..<12 {
            let text = Failure.masked("é日😀é日😀", limit: limit)
            #expect(text.hasSuffix("…"))
            #expect(!text.contains("\u{FFFD}"))
            #expect("é日😀é日😀".hasPrefix(text.dropLast()))
        }
    }
}
