import ElkWire
import NIOCore

/// What a client hears of an upstream's failure.
///
/// Three things never pass: whose key or account is at fault, where the upstream lives, and the status 401, which would tell
/// a client with a good Elk key that it is bad.
enum ClientFailure {
    static func make(
        _ reason: UpstreamFailure.Reason,
        reported: ReportedError?,
        status: Int?,
        retryAfter: Int?
    ) -> Failure {
        var failure = shown(reason, reported, status)
        failure.retryAfterMilliseconds = retryAfter
        failure.detail = detail(reason, reported, status)
        return failure
    }

    /// The upstream sent something that is not what it must be; `what` is for the log.
    static func badAnswer(_ what: String) -> Failure {
        Failure(.upstream, "The model's provider sent an answer that cannot be read", detail: what)
    }

    static let cutStream = Failure(
        .upstream,
        "The answer of the model's provider broke off",
        code: "stream_cut",
        detail: "no terminal event"
    )

    private static func shown(_ reason: UpstreamFailure.Reason, _ reported: ReportedError?, _ status: Int?) -> Failure {
        switch reason {
        case .badRequest:
            let known = status.map { [400, 415, 422].contains($0) } ?? false
            return said(
                .invalidRequest,
                reported,
                else: "The model's provider refused the request",
                status: known ? status : 400
            )
        case .contextTooLong:
            return said(
                .invalidRequest,
                reported,
                else: "The request is longer than the model's context",
                status: 400,
                code: "context_length_exceeded"
            )
        case .contentRefused:
            return said(
                .invalidRequest,
                reported,
                else: "The model's provider refused the content",
                status: 400,
                code: reported?.codes.first ?? "content_filter"
            )
        case .tooLarge:
            return Failure(.tooLarge, "The request is larger than the model's provider takes")
        case .modelMissing, .modelForbidden:
            return Failure(.notFound, "The model is not available here", parameter: "model", code: "model_not_found")
        case .keyInvalid, .accountBlocked, .forbidden, .regionBlocked, .quotaExhausted, .wrongAddress, .blockedAddress:
            // Someone who runs this Elk must act; repeating does not help.
            return Failure(
                .unavailable,
                "The model's provider cannot be used at the moment",
                code: "upstream_unavailable",
                shouldRetry: false
            )
        case .rateLimited:
            return Failure(.rateLimited, "The model's provider takes no more requests just now", shouldRetry: true)
        case .overloaded:
            return Failure(.overloaded, "The model's provider is overloaded", shouldRetry: true)
        case .serverFault, .badAnswer:
            return Failure(.upstream, "The model's provider failed to answer", code: "upstream_error")
        case .timedOut:
            return Failure(.timeout, "The model's provider did not answer in time", code: "upstream_timeout")
        case .unreachable:
            return Failure(.upstream, "The model's provider cannot be reached", code: "upstream_unreachable")
        case .cut:
            return Failure(.upstream, "The model's provider broke the connection", code: "upstream_disconnected")
        }
    }

    /// The provider's own words, which are about the client's request, without what looks like an address or a secret.
    private static func said(
        _ kind: Failure.Kind,
        _ reported: ReportedError?,
        else message: String,
        status: Int?,
        code: String? = nil
    ) -> Failure {
        let words = reported?.message ?? ""
        return Failure(
            kind,
            words.isEmpty ? message : Failure.masked(String(words.prefix(2_000))),
            parameter: reported?.parameter,
            code: code ?? reported?.codes.first { $0.utf8.count <= 64 },
            status: status,
            shouldRetry: false
        )
    }

    /// For the operator's log: everything that was reported.
    private static func detail(_ reason: UpstreamFailure.Reason, _ reported: ReportedError?, _ status: Int?) -> String {
        var parts = [reason.rawValue]
        if let status { parts.append("status \(status)") }
        guard let reported else { return parts.joined(separator: ", ") }
        parts += [reported.type].filter { !$0.isEmpty } + reported.codes
        if !reported.message.isEmpty { parts.append(String(reported.message.prefix(500))) }
        return parts.joined(separator: ", ")
    }
}
