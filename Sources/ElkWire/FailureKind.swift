extension Failure {
    /// What went wrong, in one closed list that every dialect has words for.
    package enum Kind: String, Sendable, Hashable, CaseIterable {
        case invalidRequest
        /// No credential, or one that does not hold.
        case authentication
        /// The credential holds, but not for this.
        case permission
        case notFound
        case methodNotAllowed
        case conflict
        case tooLarge
        case unsupportedMedia
        /// Too many requests in too little time; waiting helps.
        case rateLimited
        /// The account has run out; waiting does not help.
        case insufficientQuota
        /// Too busy right now.
        case overloaded
        /// Nothing here can serve this now.
        case unavailable
        case timeout
        /// The provider behind us failed or answered nonsense.
        case upstream
        case notImplemented
        /// Our own fault.
        case `internal`
        /// Nobody is left to read the answer.
        case clientGone
    }
}

extension Failure.Kind {
    /// The kind that a status alone tells.
    package init(status: Int) {
        self =
            switch status {
            case 401: .authentication
            case 402: .insufficientQuota
            case 403: .permission
            case 404, 410: .notFound
            case 405: .methodNotAllowed
            case 408, 504, 524: .timeout
            case 409: .conflict
            case 413: .tooLarge
            case 415: .unsupportedMedia
            case 429: .rateLimited
            case 499: .clientGone
            case 501: .notImplemented
            case 502: .upstream
            case 503: .unavailable
            case 529: .overloaded
            case ..<500: .invalidRequest
            default: .internal
            }
    }

    /// The status of the kind where nothing else decides it.
    package var status: Int {
        switch self {
        case .invalidRequest: 400
        case .authentication: 401
        case .permission: 403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .conflict: 409
        case .tooLarge: 413
        case .unsupportedMedia: 415
        case .rateLimited, .insufficientQuota: 429
        case .overloaded, .unavailable: 503
        case .timeout: 504
        case .upstream: 502
        case .notImplemented: 501
        case .internal: 500
        case .clientGone: 499
        }
    }

    /// `error.type` of the OpenAI envelope.
    package var openAIType: String {
        switch self {
        case .invalidRequest, .authentication, .permission, .notFound, .methodNotAllowed, .conflict, .tooLarge,
            .unsupportedMedia, .notImplemented, .clientGone:
            "invalid_request_error"
        case .rateLimited: "requests"
        case .insufficientQuota: "insufficient_quota"
        case .upstream: "upstream_error"
        case .overloaded, .unavailable, .timeout, .internal: "server_error"
        }
    }

    /// `error.code` of the OpenAI envelope where nothing more exact is known.
    package var openAICode: String? {
        switch self {
        case .invalidRequest, .conflict, .notFound, .internal: nil
        case .authentication: "invalid_api_key"
        case .permission: "access_denied"
        case .methodNotAllowed: "method_not_supported"
        case .tooLarge: "request_too_large"
        case .unsupportedMedia: "unsupported_media_type"
        case .rateLimited: "rate_limit_exceeded"
        case .insufficientQuota: "insufficient_quota"
        case .overloaded: "overloaded"
        case .unavailable: "unavailable"
        case .timeout: "timeout"
        case .upstream: "bad_response"
        case .notImplemented: "api_not_implemented"
        case .clientGone: "client_gone"
        }
    }

    /// `error.type` of the Anthropic envelope.
    package var anthropicType: String {
        switch self {
        case .invalidRequest, .methodNotAllowed, .conflict, .unsupportedMedia, .notImplemented, .clientGone:
            "invalid_request_error"
        case .authentication: "authentication_error"
        case .permission: "permission_error"
        case .notFound: "not_found_error"
        case .tooLarge: "request_too_large"
        case .rateLimited: "rate_limit_error"
        case .insufficientQuota: "billing_error"
        case .overloaded: "overloaded_error"
        case .timeout: "timeout_error"
        case .unavailable, .upstream, .internal: "api_error"
        }
    }

    /// `error.status` of the Gemini envelope: names of google.rpc.Code.
    package var geminiStatus: String {
        switch self {
        case .invalidRequest, .methodNotAllowed, .tooLarge, .unsupportedMedia: "INVALID_ARGUMENT"
        case .authentication: "UNAUTHENTICATED"
        case .permission: "PERMISSION_DENIED"
        case .notFound: "NOT_FOUND"
        case .conflict: "ABORTED"
        case .rateLimited, .insufficientQuota: "RESOURCE_EXHAUSTED"
        case .overloaded, .unavailable, .upstream: "UNAVAILABLE"
        case .timeout: "DEADLINE_EXCEEDED"
        case .notImplemented: "UNIMPLEMENTED"
        case .internal: "INTERNAL"
        case .clientGone: "CANCELLED"
        }
    }

    /// Whether the same request may succeed a little later.
    package var isTransient: Bool {
        switch self {
        case .rateLimited, .overloaded, .unavailable, .timeout, .upstream, .internal: true
        default: false
        }
    }
}
