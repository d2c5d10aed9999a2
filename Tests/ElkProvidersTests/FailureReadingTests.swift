import ElkProviders
import ElkWire
import NIOCore
import Testing

/// An error as a provider sends it, and what must be made of it.
struct ErrorCase: Sendable, CustomTestStringConvertible {
    var name: String
    var status: Int
    var body: String
    var headers: [(name: String, value: String)] = []
    var reason: UpstreamFailure.Reason
    var verdict: Verdict
    var health: HealthEffect
    /// What the client sees.
    var shown: Int

    init(
        _ name: String,
        _ status: Int,
        _ body: String,
        headers: [(name: String, value: String)] = [],
        _ reason: UpstreamFailure.Reason,
        _ verdict: Verdict,
        _ health: HealthEffect,
        shown: Int
    ) {
        (self.name, self.status, self.body, self.headers) = (name, status, body, headers)
        (self.reason, self.verdict, self.health, self.shown) = (reason, verdict, health, shown)
    }

    var testDescription: String { name }

    static let all: [ErrorCase] = [
        ErrorCase(
            "OpenAI, wrong key",
            401,
            #"{"error":{"message":"Incorrect API key provided: sk-abc.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#,
            .keyInvalid,
            .retryOtherKey,
            .keyDead,
            shown: 503
        ),
        ErrorCase(
            "OpenAI, empty account, as 429",
            429,
            #"{"error":{"message":"You exceeded your current quota, please check your plan and billing details.","type":"insufficient_quota","param":null,"code":"insufficient_quota"}}"#,
            .quotaExhausted,
            .retryOtherKey,
            .keyOutOfQuota,
            shown: 503
        ),
        ErrorCase(
            "OpenAI, rate limit",
            429,
            #"{"error":{"message":"Rate limit reached for gpt-4o","type":"requests","param":null,"code":"rate_limit_exceeded"}}"#,
            headers: [("Retry-After", "20")],
            .rateLimited,
            .retryOtherKey,
            .keyCooling(milliseconds: 20_000),
            shown: 429
        ),
        ErrorCase(
            "OpenAI, short rate limit",
            429,
            #"{"error":{"message":"Rate limit reached","type":"tokens","param":null,"code":"rate_limit_exceeded"}}"#,
            headers: [("retry-after", "20"), ("retry-after-ms", "150")],
            .rateLimited,
            .retrySameKey(after: 150),
            .keyCooling(milliseconds: 150),
            shown: 429
        ),
        ErrorCase(
            "OpenAI, no such model",
            404,
            #"{"error":{"message":"The model `gpt-9` does not exist or you do not have access to it.","type":"invalid_request_error","param":null,"code":"model_not_found"}}"#,
            .modelMissing,
            .retryOtherChannel,
            .modelGone,
            shown: 404
        ),
        ErrorCase(
            "OpenAI, too long",
            400,
            #"{"error":{"message":"This model's maximum context length is 8192 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}"#,
            .contextTooLong,
            .stop,
            .none,
            shown: 400
        ),
        ErrorCase(
            "OpenAI, refused content",
            400,
            #"{"error":{"message":"Your request was rejected by our safety system.","type":"image_generation_user_error","param":null,"code":"moderation_blocked"}}"#,
            .contentRefused,
            .stop,
            .none,
            shown: 400
        ),
        ErrorCase(
            "OpenAI, bad member",
            400,
            #"{"error":{"message":"Unsupported value: 'temperature'","type":"invalid_request_error","param":"temperature","code":"unsupported_value"}}"#,
            .badRequest,
            .stop,
            .none,
            shown: 400
        ),
        ErrorCase(
            "OpenAI, own fault",
            500,
            #"{"error":{"message":"The server had an error","type":"server_error","param":null,"code":null}}"#,
            .serverFault,
            .retryOtherChannel,
            .channelCooling(milliseconds: nil),
            shown: 502
        ),
        ErrorCase(
            "OpenAI, blocked country",
            403,
            #"{"error":{"message":"Country not supported","type":"request_forbidden","code":"unsupported_country_region_territory"}}"#,
            .regionBlocked,
            .retryOtherChannel,
            .channelCooling(milliseconds: nil),
            shown: 503
        ),
        ErrorCase(
            "Azure, no deployment",
            404,
            #"{"error":{"code":"DeploymentNotFound","message":"The API deployment for this resource does not exist."}}"#,
            .modelMissing,
            .retryOtherChannel,
            .modelGone,
            shown: 404
        ),
        ErrorCase(
            "Azure, content filter",
            400,
            #"{"error":{"message":"The response was filtered","type":null,"param":"prompt","code":"content_filter","status":400}}"#,
            .contentRefused,
            .stop,
            .none,
            shown: 400
        ),
        ErrorCase(
            "Anthropic, no credit, as a bad request",
            400,
            #"{"type":"error","error":{"type":"invalid_request_error","message":"Your credit balance is too low to access the Anthropic API."}}"#,
            .quotaExhausted,
            .retryOtherKey,
            .keyOutOfQuota,
            shown: 503
        ),
        ErrorCase(
            "Anthropic, wrong key",
            401,
            #"{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}"#,
            .keyInvalid,
            .retryOtherKey,
            .keyDead,
            shown: 503
        ),
        ErrorCase(
            "Anthropic, overloaded",
            529,
            #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            .overloaded,
            .retryOtherChannel,
            .channelCooling(milliseconds: nil),
            shown: 503
        ),
        ErrorCase(
            "Anthropic, rate limit",
            429,
            #"{"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed the rate limit"}}"#,
            .rateLimited,
            .retryOtherKey,
            .keyCooling(milliseconds: nil),
            shown: 429
        ),
        ErrorCase(
            "Anthropic, no such model",
            404,
            #"{"type":"error","error":{"type":"not_found_error","message":"model: claude-9"}}"#,
            .modelMissing,
            .retryOtherChannel,
            .modelGone,
            shown: 404
        ),
        ErrorCase(
            "Anthropic, too long",
            400,
            #"{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}"#,
            .contextTooLong,
            .stop,
            .none,
            shown: 400
        ),
        ErrorCase(
            "Anthropic, too large",
            413,
            #"{"type":"error","error":{"type":"request_too_large","message":"Request exceeds the maximum size"}}"#,
            .tooLarge,
            .stop,
            .none,
            shown: 413
        ),
        ErrorCase(
            "Anthropic, disabled organization",
            400,
            #"{"type":"error","error":{"type":"invalid_request_error","message":"This organization has been disabled."}}"#,
            .accountBlocked,
            .retryOtherKey,
            .keyDead,
            shown: 503
        ),
        ErrorCase(
            "Gemini, wrong key, as a bad request",
            400,
            #"{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT","details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":"API_KEY_INVALID"}]}}"#,
            .keyInvalid,
            .retryOtherKey,
            .keyDead,
            shown: 503
        ),
        ErrorCase(
            "Gemini, rate limit in the words of an empty account",
            429,
            #"{"error":{"code":429,"message":"You exceeded your current quota, please check your plan and billing details.","status":"RESOURCE_EXHAUSTED","details":[{"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"34.5s"}]}}"#,
            .rateLimited,
            .retryOtherKey,
            .keyCooling(milliseconds: 34_500),
            shown: 429
        ),
        ErrorCase(
            "Gemini, credits gone",
            429,
            #"{"error":{"code":429,"message":"Your prepayment credits are depleted.","status":"RESOURCE_EXHAUSTED"}}"#,
            .quotaExhausted,
            .retryOtherKey,
            .keyOutOfQuota,
            shown: 503
        ),
        ErrorCase(
            "Gemini, blocked country",
            400,
            #"{"error":{"code":400,"message":"User location is not supported for the API use.","status":"FAILED_PRECONDITION"}}"#,
            .regionBlocked,
            .retryOtherChannel,
            .channelCooling(milliseconds: nil),
            shown: 503
        ),
        ErrorCase(
            "Gemini, overloaded",
            503,
            #"{"error":{"code":503,"message":"The model is overloaded. Please try again later.","status":"UNAVAILABLE"}}"#,
            .overloaded,
            .retryOtherChannel,
            .channelCooling(milliseconds: nil),
            shown: 503
        ),
        ErrorCase(
            "Gemini, in an array",
            404,
            #"[{"error":{"code":404,"message":"models/x is not found for API version v1beta","status":"NOT_FOUND"}}]"#,
            .modelMissing,
            .retryOtherChannel,
            .modelGone,
            shown: 404
        ),
        ErrorCase(
            "Cohere, wrong key",
            401,
            #"{"message":"invalid api token"}"#,
            .keyInvalid,
            .retryOtherKey,
            .keyDead,
            shown: 503
        ),
        ErrorCase(
            "Cohere, no such model",
            404,
            #"{"id":"x","message":"model 'rerank-9' not found, make sure the correct model ID was used"}"#,
            .modelMissing,
            .retryOtherChannel,
            .modelGone,
            shown: 404
        ),
        ErrorCase(
            "Jina, no balance",
            402,
            #"{"detail":"Insufficient account balance."}"#,
            .quotaExhausted,
            .retryOtherKey,
            .keyOutOfQuota,
            shown: 503
        ),
        ErrorCase(
            "DeepSeek, no balance",
            402,
            #"{"error":{"message":"Insufficient Balance","type":"unknown_error","param":null,"code":"invalid_request_error"}}"#,
            .quotaExhausted,
            .retryOtherKey,
            .keyOutOfQuota,
            shown: 503
        ),
        ErrorCase(
            "DashScope, arrears, as a bad request",
            400,
            #"{"error":{"code":"Arrearage","message":"Access denied, please make sure your account is in good standing.","type":"Arrearage"}}"#,
            .quotaExhausted,
            .retryOtherKey,
            .keyOutOfQuota,
            shown: 503
        ),
        ErrorCase(
            "Zhipu, arrears, as 429",
            429,
            #"{"error":{"code":"1113","message":"您的账户已欠费，请充值后重试。"}}"#,
            .quotaExhausted,
            .retryOtherKey,
            .keyOutOfQuota,
            shown: 503
        ),
        ErrorCase(
            "Moonshot, engine overloaded, as 429",
            429,
            #"{"error":{"message":"The engine is currently overloaded, please try again later","type":"engine_overloaded_error"}}"#,
            .overloaded,
            .retryOtherChannel,
            .channelCooling(milliseconds: nil),
            shown: 503
        ),
        ErrorCase(
            "OpenRouter, no credits",
            402,
            #"{"error":{"code":402,"message":"This request requires more credits"}}"#,
            .quotaExhausted,
            .retryOtherKey,
            .keyOutOfQuota,
            shown: 503
        ),
        ErrorCase(
            "Mistral, unknown member",
            422,
            #"{"object":"error","message":{"detail":[{"type":"extra_forbidden","loc":["body","x"],"msg":"Extra inputs are not permitted"}]},"type":"invalid_request_error","param":null,"code":null}"#,
            .badRequest,
            .stop,
            .none,
            shown: 422
        ),
        ErrorCase(
            "Ollama, no such model",
            404,
            #"{"error":"model 'x' not found, try pulling it first"}"#,
            .modelMissing,
            .retryOtherChannel,
            .modelGone,
            shown: 404
        ),
        ErrorCase(
            "llama.cpp, still loading",
            503,
            #"{"error":{"code":503,"message":"Loading model","type":"unavailable_error"}}"#,
            .overloaded,
            .retryOtherChannel,
            .channelCooling(milliseconds: nil),
            shown: 503
        ),
        ErrorCase(
            "llama.cpp, too long",
            400,
            #"{"error":{"code":400,"message":"the request exceeds the available context size, try increasing it","type":"exceed_context_size_error"}}"#,
            .contextTooLong,
            .stop,
            .none,
            shown: 400
        ),
        ErrorCase(
            "new-api, no channel",
            503,
            #"{"error":{"message":"No available channel","type":"new_api_error","param":"","code":"model_not_found"}}"#,
            .modelMissing,
            .retryOtherChannel,
            .modelGone,
            shown: 404
        ),
        ErrorCase(
            "a firewall's page",
            403,
            "<html>Attention required</html>",
            .forbidden,
            .retryOtherChannel,
            .channelCooling(milliseconds: nil),
            shown: 503
        ),
        ErrorCase(
            "a right that the key has not",
            403,
            #"{"error":{"message":"You lack the scope","code":"missing_scope"}}"#,
            .forbidden,
            .retryOtherKey,
            .keyCooling(milliseconds: nil),
            shown: 503
        ),
        ErrorCase("a wrong path", 404, "404 page not found", .wrongAddress, .retryOtherChannel, .none, shown: 503),
        ErrorCase(
            "a redirect",
            302,
            "",
            .wrongAddress,
            .retryOtherChannel,
            .channelCooling(milliseconds: nil),
            shown: 503
        ),
        ErrorCase("a proxy that gave up", 524, "<html>", .timedOut, .stop, .none, shown: 504),
        ErrorCase(
            "a proxy without an upstream",
            502,
            "<html>Bad gateway</html>",
            .serverFault,
            .retryOtherChannel,
            .channelCooling(milliseconds: nil),
            shown: 502
        ),
        ErrorCase("a conflict", 409, "{}", .serverFault, .retrySameKey(after: nil), .none, shown: 502),
    ]
}

struct FailureReadingTests {
    @Test(arguments: ErrorCase.all)
    func `an error has its verdict`(error: ErrorCase) {
        let failure = FailureReading.standard.read(
            status: error.status,
            headers: error.headers,
            body: ByteBuffer(string: error.body)
        )
        #expect(failure.reason == error.reason)
        #expect(failure.verdict == error.verdict)
        #expect(failure.health == error.health)
        #expect(failure.failure.status == error.shown)
        #expect(failure.upstreamStatus == error.status)
    }

    @Test(arguments: ErrorCase.all)
    func `no client hears that a key of ours is bad`(error: ErrorCase) {
        let failure = FailureReading.standard.read(
            status: error.status,
            headers: error.headers,
            body: ByteBuffer(string: error.body)
        )
        #expect(failure.failure.status != 401 && failure.failure.status != 402)
        if failure.fault == .channel {
            #expect(!failure.failure.message.lowercased().contains("key"))
            #expect(!failure.failure.message.lowercased().contains("balance"))
        }
        #expect(failure.failure.detail != nil)
    }

    @Test func `what the client did wrong is said in the provider's words without its secrets`() {
        let body =
            #"{"error":{"message":"Bad value at https://internal.example/x for sk-abcdefghijklmnopqrstuvwxyz123456","param":"top_p","code":"invalid_value"}}"#
        let failure = FailureReading.standard.read(status: 400, headers: [], body: ByteBuffer(string: body)).failure
        #expect(failure.message.hasPrefix("Bad value at"))
        #expect(!failure.message.contains("internal.example"))
        #expect(!failure.message.contains("abcdefghijklmnop"))
        #expect(failure.parameter == "top_p")
        #expect(failure.code == "invalid_value")
    }

    @Test(arguments: ["", "{", "[]", "null", "[[[[", #"{"error":null}"#, #"{"error":[]}"#, #"{"error":{"code":{}}}"#])
    func `any body is read`(body: String) {
        for status in 300...599 {
            let failure = FailureReading.standard.read(status: status, headers: [], body: ByteBuffer(string: body))
            #expect((400...599).contains(failure.failure.status))
        }
    }

    @Test(arguments: [("1e400", nil), ("-1", nil), ("nan", nil), ("99999999", 3_600_000), ("0", 0), ("1.5", 1500)])
    func `absurd delays are bounded`(text: String, milliseconds: Int?) {
        let failure = FailureReading.standard.read(status: 429, headers: [("retry-after", text)], body: ByteBuffer())
        #expect(failure.failure.retryAfterMilliseconds == milliseconds)
    }

    @Test(arguments: NetworkFailure.allCases)
    func `every network failure has a verdict and shows no address`(network: NetworkFailure) {
        let failure = UpstreamFailure(network)
        #expect([502, 503, 504].contains(failure.failure.status))
        #expect(failure.upstreamStatus == nil)
        switch network {
        case .headTimeout, .idleTimeout: #expect(failure.verdict == .stop)
        case .staleConnection: #expect(failure.verdict == .retrySameKey(after: 0))
        default: #expect(failure.verdict == .retryOtherChannel)
        }
    }
}
