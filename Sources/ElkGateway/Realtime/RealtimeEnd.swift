import ElkWire

/// How a relayed session ended: what each side is told, and what it means for the account.
enum RealtimeEnd: Sendable, Hashable {
    case client(WebSocketInbox.Ending)
    case provider(WebSocketInbox.Ending)
    /// No answer to pings.
    case clientSilent
    case providerSilent
    /// It has lasted as long as a session may.
    case expired
    /// Neither balance nor budget has more.
    case exhausted
    case shutdown

    /// What goes to the client as an event before the close.
    var event: Failure? {
        switch self {
        case .provider(.cut), .provider(.left), .provider(.refused), .providerSilent: .realtimeCut
        case .expired: .realtimeExpired
        case .exhausted: .realtimeExhausted
        case .shutdown: .realtimeShutdown
        case .client, .clientSilent, .provider(.closed): nil
        }
    }

    /// How the client's side is closed, unless it has closed itself.
    var toClient: WebSocketClosing {
        switch self {
        case .client: WebSocketClosing(.normalClosure)
        case .clientSilent: WebSocketClosing(.policyViolation, "No sign of life.")
        case .provider(.closed(let closing)):
            // A reason may name what is the operator's business.
            closing.map { WebSocketClosing($0.code, Failure.masked($0.reason, limit: 100)) }
                ?? WebSocketClosing(.normalClosure)
        case .provider, .providerSilent: WebSocketClosing(.serverFault, Failure.realtimeCut.message)
        case .expired: WebSocketClosing(.goingAway, Failure.realtimeExpired.message)
        case .exhausted: WebSocketClosing(.policyViolation, Failure.realtimeExhausted.message)
        case .shutdown: WebSocketClosing(.goingAway, Failure.realtimeShutdown.message)
        }
    }

    /// How the provider's side is closed, unless it has closed itself.
    var toProvider: WebSocketClosing {
        switch self {
        case .client(.closed(let closing)): closing ?? WebSocketClosing(.normalClosure)
        case .expired, .exhausted: WebSocketClosing(.normalClosure)
        case .client, .clientSilent, .provider, .providerSilent, .shutdown: WebSocketClosing(.goingAway)
        }
    }

    var outcome: Outcome {
        switch self {
        case .client(.closed): .completed
        case .client, .clientSilent: .clientAbort(drained: true)
        case .provider(.closed(let closing)):
            [nil, .normalClosure, .goingAway].contains(closing?.code) ? .completed : .upstreamFailure
        case .provider, .providerSilent: .upstreamFailure
        case .expired: .incomplete(reason: "session_expired")
        case .exhausted: .limitCut
        case .shutdown: .gatewayFailure
        }
    }

    /// Why it ended, for the log.
    var failure: Failure? {
        switch self {
        case .client(.refused(let closing)):
            Failure(.invalidRequest, closing.reason, code: "websocket_error")
        case .provider(.closed(let closing)) where outcome == .upstreamFailure:
            Failure.realtimeCut.detailed("closed with \(closing?.code.rawValue ?? 0): \(closing?.reason ?? "")")
        case .provider(.refused(let closing)): Failure.realtimeCut.detailed(closing.reason)
        case .expired: nil
        default: event
        }
    }

    /// Whether a response that was not finished is paid as far as it came: where the provider or this server broke it off, it is not.
    var paysUnfinished: Bool {
        switch self {
        case .client, .clientSilent, .expired, .exhausted: true
        case .provider, .providerSilent, .shutdown: false
        }
    }

    /// Whether the provider is still there to say what an unfinished response used.
    var canDrain: Bool {
        switch self {
        case .provider, .providerSilent: false
        case .client, .clientSilent, .expired, .exhausted, .shutdown: true
        }
    }
}

extension Failure {
    fileprivate static let realtimeCut = Failure(
        .upstream,
        "The provider ended the session.",
        code: "upstream_cut"
    )
    fileprivate static let realtimeExpired = Failure(
        .invalidRequest,
        "The session has lasted as long as a session may.",
        code: "session_expired"
    )
    fileprivate static let realtimeExhausted = Failure(
        .insufficientQuota,
        "The balance was used up during the session.",
        code: "balance_exhausted"
    )
    fileprivate static let realtimeShutdown = Failure(
        .unavailable,
        "The server is shutting down.",
        code: "shutting_down"
    )

    fileprivate func detailed(_ detail: String) -> Failure {
        var copy = self
        copy.detail = detail
        return copy
    }
}
