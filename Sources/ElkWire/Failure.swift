/// What went wrong with a request: what the client is told, in whichever dialect, and what only the log hears.
package struct Failure: Error, Sendable, Hashable {
    package var kind: Kind
    /// The HTTP status in the OpenAI dialect; `status(in:)` gives that of the others.
    package var status: Int
    /// `error.type` of the OpenAI envelope.
    package var type: String
    /// For the client: no secrets, no upstream hosts.
    package var message: String
    package var parameter: String?
    package var code: String?
    /// When a client should try again; for the headers `retry-after` and `retry-after-ms`.
    package var retryAfterMilliseconds: Int?
    /// For the header `x-should-retry`, which SDKs obey before their own rules; nil leaves it to them.
    package var shouldRetry: Bool?
    /// More fields for the head of the answer, names in lower case: `x-ratelimit-*`.
    package var headers: [String: String] = [:]
    /// For the log only; never sent.
    package var detail: String?

    /// A failure by its status: the kind follows from it.
    package init(
        status: Int,
        type: String,
        message: String,
        parameter: String? = nil,
        code: String? = nil,
        retryAfter: Int? = nil
    ) {
        kind = type == "insufficient_quota" || code == "insufficient_quota" ? .insufficientQuota : Kind(status: status)
        self.status = status
        self.type = type
        self.message = message
        self.parameter = parameter
        self.code = code
        self.retryAfter = retryAfter
    }

    /// A failure by its kind: status, type and code follow from it where they are not given.
    package init(
        _ kind: Kind,
        _ message: String,
        parameter: String? = nil,
        code: String? = nil,
        status: Int? = nil,
        retryAfterMilliseconds: Int? = nil,
        shouldRetry: Bool? = nil,
        detail: String? = nil
    ) {
        self.kind = kind
        self.status = status ?? kind.status
        type = kind.openAIType
        self.message = message
        self.parameter = parameter
        self.code = code ?? kind.openAICode
        self.retryAfterMilliseconds = retryAfterMilliseconds
        // OpenAI clients repeat every 429, and an empty account stays empty.
        self.shouldRetry = shouldRetry ?? (kind == .insufficientQuota ? false : nil)
        self.detail = detail
    }

    /// Seconds for a `Retry-After` header, rounded up.
    package var retryAfter: Int? {
        get { retryAfterMilliseconds.map { $0 / 1000 + ($0 % 1000 > 0 ? 1 : 0) } }
        set { retryAfterMilliseconds = newValue.map { $0.multipliedReportingOverflow(by: 1000).partialValue } }
    }

    /// The caller's fault: status 400, type `invalid_request_error`.
    package static func invalidRequest(_ message: String, parameter: String? = nil, code: String? = nil) -> Failure {
        Failure(status: 400, type: "invalid_request_error", message: message, parameter: parameter, code: code)
    }

    /// Too much at once: status 429, and the seconds after which a client should try again.
    package static func busy(_ message: String, retryAfter: Int) -> Failure {
        Failure(status: 429, type: "requests", message: message, code: "rate_limit_exceeded", retryAfter: retryAfter)
    }

    /// Our fault: status 500 unless said otherwise, type `server_error`.
    package static func server(
        _ message: String,
        status: Int = 500,
        code: String? = nil,
        retryAfter: Int? = nil
    ) -> Failure {
        Failure(status: status, type: "server_error", message: message, code: code, retryAfter: retryAfter)
    }

    /// In the words of the real service.
    package static func unknownModel(_ name: String) -> Failure {
        Failure(
            .notFound,
            "The model `\(name.prefix(200))` does not exist or you do not have access to it.",
            code: "model_not_found"
        )
    }

    /// A body that is not JSON: status 400.
    package static func invalidJSON(_ error: JSONError) -> Failure {
        Failure(.invalidRequest, "We could not parse the JSON body of your request: \(error).", code: "invalid_json")
    }
}
