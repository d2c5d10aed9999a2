import ElkWire

/// Why a call is not let in, in the order in which it is looked at (contract 1.1.1).
extension Failure {
    static let missingKey = Failure(
        .authentication,
        "You didn't provide an API key. Send it as Authorization: Bearer YOUR_KEY.",
        code: "invalid_api_key"
    )
    static let noKeysYet = Failure(
        .authentication,
        "This server has no keys yet and is reachable from outside its machine: create one with \"elk keys create\".",
        code: "invalid_api_key"
    )
    static let unknownKey = Failure(.authentication, "Incorrect API key provided.", code: "invalid_api_key")
    static let invalidEphemeralKey = Failure(
        .authentication,
        "This ephemeral key does not hold: it opens sessions at /v1/realtime alone, until it expires, as long as the key does that it was made with.",
        code: "invalid_ephemeral_key"
    )
    static let disabledKey = Failure(.authentication, "This API key is disabled.", code: "api_key_disabled")
    static let expiredKey = Failure(.authentication, "This API key has expired.", code: "api_key_expired")
    static let exhaustedKey = Failure(
        .authentication,
        "The budget of this API key is spent.",
        code: "api_key_exhausted"
    )
    static let refusedAddress = Failure(
        .permission,
        "This API key may not be used from your network.",
        code: "access_denied"
    )
    static let disabledUser = Failure(.permission, "This account is disabled.", code: "account_disabled")
    static let unknownGroup = Failure(
        .permission,
        "The group of this API key does not exist any more.",
        code: "group_not_found"
    )

    static func modelNotAllowed(_ model: String) -> Failure {
        Failure(
            .permission,
            "This API key may not use the model \(model).",
            parameter: "model",
            code: "model_not_allowed"
        )
    }

    static func unpriced(_ model: String) -> Failure {
        Failure(
            .invalidRequest,
            "The model \(model) has no price on this server. Its operator sets one with \"elk prices set\".",
            parameter: "model",
            code: "model_price_error"
        )
    }

    static let tooExpensive = Failure(
        .invalidRequest,
        "This request asks for more output than any account can pay for.",
        code: "request_too_expensive"
    )
    static let insufficientBalance = Failure(
        .insufficientQuota,
        "Your balance does not cover this request. Top up, or ask for less output.",
        code: "insufficient_user_quota",
        status: 403
    )
    static let insufficientBudget = Failure(
        .insufficientQuota,
        "The rest of this API key's budget does not cover this request.",
        code: "pre_consume_token_quota_failed",
        status: 403
    )
    static let full = Failure(
        .overloaded,
        "The server handles as many requests as it can. Try again shortly.",
        retryAfterMilliseconds: 1_000,
        shouldRetry: true
    )
    static let accountsUnavailable = Failure(
        .unavailable,
        "Your balance cannot be looked at right now. Try again shortly.",
        retryAfterMilliseconds: 1_000,
        shouldRetry: true
    )

    init(_ refusal: KeyMeter.Refusal) {
        switch refusal {
        case .requests(let wait, let readings):
            self = .window("requests", limit: readings.requests?.limit, wait: wait, readings)
        case .tokens(let wait, let readings):
            self = .window("tokens", limit: readings.tokens?.limit, wait: wait, readings)
        case .tooLarge(let limit):
            self.init(
                .rateLimited,
                "This request alone is over this API key's limit of \(limit) tokens per minute.",
                shouldRetry: false
            )
        case .parallel(let limit):
            self.init(
                .rateLimited,
                "This API key already has \(limit) requests running, as many as it may.",
                retryAfterMilliseconds: 1_000,
                shouldRetry: true
            )
        }
    }

    private static func window(
        _ what: String,
        limit: Int?,
        wait: Int64,
        _ readings: KeyMeter.Readings
    ) -> Failure {
        var failure = Failure(
            .rateLimited,
            "Rate limit reached: \(limit.map(String.init) ?? "no") \(what) per minute. Try again in \(Ticket.duration(wait)).",
            retryAfterMilliseconds: wait == .max ? nil : Int(wait),
            shouldRetry: wait != .max
        )
        for (name, value) in readings.headers { failure.headers[name] = value }
        return failure
    }
}
