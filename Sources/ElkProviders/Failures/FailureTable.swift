/// The one table of what providers' errors mean.
///
/// The first row that matches is taken, so the order matters.
///
/// A row matches when the status is among its statuses (where it names any) and one of its codes is the error's code or
/// type, or one of its phrases is in the message (where it names any). Everything compares in lower case.
struct FailureRow: Sendable {
    typealias Reason = UpstreamFailure.Reason
    typealias Fault = UpstreamFailure.Fault

    var statuses: [ClosedRange<Int>]
    var codes: Set<String>
    var phrases: [String]
    var reason: Reason
    var fault: Fault
    var verdict: Verdict
    var health: HealthEffect

    init(
        _ reason: Reason,
        _ fault: Fault,
        _ verdict: Verdict,
        _ health: HealthEffect = .none,
        status statuses: [ClosedRange<Int>] = [],
        codes: Set<String> = [],
        phrases: [String] = []
    ) {
        (self.statuses, self.codes, self.phrases) = (statuses, codes, phrases)
        (self.reason, self.fault, self.verdict, self.health) = (reason, fault, verdict, health)
    }

    func matches(status: Int, type: String, codes reported: [String], message: String) -> Bool {
        if !statuses.isEmpty, !statuses.contains(where: { $0.contains(status) }) { return false }
        if codes.isEmpty, phrases.isEmpty { return true }
        return codes.contains(type) || reported.contains { codes.contains($0) }
            || phrases.contains { message.contains($0) }
    }

    static let standard: [FailureRow] = [
        // MARK: quota, before rate limits: several providers report an empty account as 429, and waiting does not fill it.

        // Gemini says "exceeded your current quota" for its rate limits too, so its row stands above the phrases.
        FailureRow(
            .quotaExhausted,
            .channel,
            .retryOtherKey,
            .keyOutOfQuota,
            phrases: ["credits are depleted", "spending cap"]
        ),
        FailureRow(
            .rateLimited,
            .channel,
            .retryOtherKey,
            .keyCooling(milliseconds: nil),
            codes: ["resource_exhausted"]
        ),
        FailureRow(
            .quotaExhausted,
            .channel,
            .retryOtherKey,
            .keyOutOfQuota,
            codes: [
                "insufficient_quota", "billing_not_active", "billing_hard_limit_reached", "billing_error",
                "exceeded_current_quota_error",  // Moonshot
                "insufficient_user_quota", "pre_consume_token_quota_failed",  // another Elk or new-api
                "arrearage",  // DashScope
                "1113",  // Zhipu: the account is in arrears
                "30001",  // SiliconFlow: the balance does not suffice
            ],
            phrases: [
                "credit balance is too low",  // Anthropic, as a 400 `invalid_request_error`
                "exceeded your current quota", "insufficient balance", "insufficient credits", "more credits",
                "余额不足", "欠费",
            ]
        ),
        FailureRow(.quotaExhausted, .channel, .retryOtherKey, .keyOutOfQuota, status: [402...402]),

        // MARK: the key and its account: another key may work; this one is dead until someone changes it.

        FailureRow(
            .accountBlocked,
            .channel,
            .retryOtherKey,
            .keyDead,
            codes: ["account_deactivated", "consumer_suspended", "user_suspended"],
            phrases: ["organization has been disabled", "account has been disabled", "account is deactivated"]
        ),
        FailureRow(
            .keyInvalid,
            .channel,
            .retryOtherKey,
            .keyDead,
            codes: [
                "invalid_api_key", "invalid_key", "authentication_error", "unauthenticated",
                "api_key_invalid",  // Gemini, as a 400
                "invalidapikey",  // DashScope
            ],
            phrases: [
                "incorrect api key", "invalid api key", "api key not valid", "api key expired", "invalid x-api-key",
            ]
        ),
        FailureRow(.keyInvalid, .channel, .retryOtherKey, .keyDead, status: [401...401]),

        // MARK: where Elk stands, not what was asked: no key of this channel helps.

        FailureRow(
            .regionBlocked,
            .channel,
            .retryOtherChannel,
            .channelCooling(milliseconds: nil),
            codes: ["unsupported_country_region_territory"],
            phrases: ["user location is not supported"]
        ),

        // MARK: the request, before models and limits: these words are clear wherever they stand.

        // A longer context elsewhere is a thing of the channel's model list, not of luck: stop.
        FailureRow(
            .contextTooLong,
            .client,
            .stop,
            codes: ["context_length_exceeded", "exceed_context_size_error", "model_context_window_exceeded"],
            phrases: [
                "maximum context length", "prompt is too long", "input is too long",
                "exceeds the maximum number of tokens",
                "exceeds the available context size", "exceed context limit",
            ]
        ),
        // Another provider might answer, but shopping for one that lets it pass gets the operator's accounts blocked.
        FailureRow(
            .contentRefused,
            .client,
            .stop,
            codes: [
                "content_filter", "content_policy_violation", "moderation_blocked", "prompt_blocked",
                "sensitive_words_detected", "responsibleaipolicyviolation", "image_content_policy_violation",
                "data_inspection_failed", "datainspectionfailed",  // DashScope
                "1301",  // Zhipu
            ]
        ),

        // MARK: the model at this channel.

        FailureRow(
            .modelMissing,
            .channel,
            .retryOtherChannel,
            .modelGone,
            status: [400...400, 404...404, 410...410, 422...422],
            codes: ["model_not_found", "model_not_available", "deploymentnotfound", "model_decommissioned", "1211"]
        ),
        FailureRow(
            .modelMissing,
            .channel,
            .retryOtherChannel,
            .modelGone,
            status: [400...400, 404...404, 410...410],
            phrases: [
                "model not found", "model does not exist", "unknown model", "not a valid model",
                "is not found for api version",
                "no endpoints found for", "invalid model", "model_not_found",
            ]
        ),
        FailureRow(
            .modelMissing,
            .channel,
            .retryOtherChannel,
            .modelGone,
            status: [404...404],
            codes: ["not_found_error", "not_found", "not_found"],
            phrases: ["model"]
        ),
        FailureRow(
            .modelForbidden,
            .channel,
            .retryOtherKey,
            .modelGone,
            status: [403...403],
            codes: ["model_not_allowed"],
            phrases: ["access to model", "model not allowed", "access to the model"]
        ),
        // Another Elk or new-api has no channel for it just now.
        FailureRow(
            .modelMissing,
            .channel,
            .retryOtherChannel,
            .modelGone,
            status: [503...503],
            codes: ["model_not_found"]
        ),

        // MARK: too much or too busy.

        // Before 429: some report the whole service's load so, and then another key does not help.
        FailureRow(
            .overloaded,
            .provider,
            .retryOtherChannel,
            .channelCooling(milliseconds: nil),
            codes: [
                "overloaded_error", "overloaded", "engine_overloaded_error", "unavailable", "service_unavailable",
                "1305",
            ]
        ),
        FailureRow(
            .overloaded,
            .provider,
            .retryOtherChannel,
            .channelCooling(milliseconds: nil),
            status: [429...429, 500...599],
            phrases: ["overloaded", "loading model"]
        ),
        FailureRow(
            .rateLimited,
            .channel,
            .retryOtherKey,
            .keyCooling(milliseconds: nil),
            codes: ["rate_limit_exceeded", "rate_limit_error", "throttling", "throttling.ratequota", "1302", "1303"]
        ),
        FailureRow(.rateLimited, .channel, .retryOtherKey, .keyCooling(milliseconds: nil), status: [429...429]),
        FailureRow(
            .overloaded,
            .provider,
            .retryOtherChannel,
            .channelCooling(milliseconds: nil),
            status: [503...503, 529...529]
        ),

        // MARK: by status alone.

        FailureRow(.tooLarge, .client, .stop, status: [413...413]),
        // The gateway in front of the provider gave up waiting; the model may still be working, and is paid for.
        FailureRow(.timedOut, .provider, .stop, status: [408...408, 504...504, 522...522, 524...524]),
        // We follow no redirect: the key would go along.
        FailureRow(
            .wrongAddress,
            .channel,
            .retryOtherChannel,
            .channelCooling(milliseconds: nil),
            status: [300...399]
        ),
        FailureRow(.wrongAddress, .channel, .retryOtherChannel, .none, status: [404...405, 410...410]),
        // A right that this key does not have; others of the channel may.
        FailureRow(.forbidden, .channel, .retryOtherKey, .keyCooling(milliseconds: nil), status: [403...403]),
        // Optimistic locks and "too early": the same again is what both ask for.
        FailureRow(.serverFault, .provider, .retrySameKey(after: nil), .none, status: [409...409, 425...425]),
        FailureRow(.badRequest, .client, .stop, status: [400...499]),
        FailureRow(
            .serverFault,
            .provider,
            .retryOtherChannel,
            .channelCooling(milliseconds: nil),
            status: [500...599]
        ),
    ]
}
