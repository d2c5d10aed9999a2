import HTTPTypes

extension HTTPField.Name {
    static let requestID = named("x-request-id")
    static let anthropicRequestID = named("request-id")
    static let processingTime = named("openai-processing-ms")
    static let apiKey = named("api-key")
    static let extendedAPIKey = named("x-api-key")
    static let googleAPIKey = named("x-goog-api-key")
    static let anthropicVersion = named("anthropic-version")
    static let retryAfterMilliseconds = named("retry-after-ms")
    static let shouldRetry = named("x-should-retry")
    static let forwarded = named("forwarded")
    static let hops = named("x-elk-hops")
    static let forwardedFor = named("x-forwarded-for")
    static let accelBuffering = named("x-accel-buffering")
    static let prefer = named("prefer")
    static let preferenceApplied = named("preference-applied")
    static let referrerPolicy = named("referrer-policy")
    static let permissionsPolicy = named("permissions-policy")
    static let crossOriginOpenerPolicy = named("cross-origin-opener-policy")
    static let crossOriginResourcePolicy = named("cross-origin-resource-policy")

    static let openAIBeta = named("openai-beta")

    private static func named(_ name: StaticString) -> HTTPField.Name {
        guard let name = HTTPField.Name("\(name)") else { preconditionFailure("\(name) is not a header name") }
        return name
    }
}
