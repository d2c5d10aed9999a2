import ElkWire
package import NIOCore

/// How a provider's errors are read: its own rows first, then the table that all share.
package struct FailureReading: Sendable {
    private let rows: [FailureRow]

    init(own rows: [FailureRow] = []) {
        self.rows = rows + FailureRow.standard
    }

    package static let standard = FailureReading()

    /// A rate limit this short is waited out with the same key.
    static let shortWait = 2_000

    /// Reads an answer with an error status.
    package func read(status: Int, headers: [(name: String, value: String)], body: ByteBuffer) -> UpstreamFailure {
        read(ReportedError(body), status: status, retryAfter: RetryDelay.milliseconds(in: headers))
    }

    /// Reads an error that came inside an answer with a good status; such an error may name its own.
    func read(_ error: JSONSlice) -> UpstreamFailure {
        let reported = ReportedError(error)
        return read(reported, status: reported.status ?? 500, retryAfter: nil)
    }

    private func read(_ reported: ReportedError, status: Int, retryAfter: Int?) -> UpstreamFailure {
        var status = status
        if status < 300 { status = reported.status ?? 500 }
        let delay = retryAfter ?? reported.retryAfter
        let message = reported.message.lowercased()
        let row = rows.first {
            $0.matches(status: status, type: reported.type, codes: reported.codes, message: message)
        }
        var failure = UpstreamFailure(
            reason: row?.reason ?? .badAnswer,
            fault: row?.fault ?? .provider,
            verdict: row?.verdict ?? .retryOtherChannel,
            health: row?.health ?? .none,
            failure: .server(""),
            upstreamStatus: status
        )
        if status == 403, !reported.isFromProvider {
            // A page of something in between (a firewall, a captive portal): no news of the key.
            (failure.verdict, failure.health) = (.retryOtherChannel, .channelCooling(milliseconds: nil))
        }
        failure.wait(delay)
        failure.failure = ClientFailure.make(failure.reason, reported: reported, status: status, retryAfter: delay)
        return failure
    }
}

extension UpstreamFailure {
    /// Puts the provider's own delay where the verdict and the health have room for one.
    fileprivate mutating func wait(_ milliseconds: Int?) {
        guard let milliseconds else { return }
        switch health {
        case .keyCooling: health = .keyCooling(milliseconds: milliseconds)
        case .channelCooling: health = .channelCooling(milliseconds: milliseconds)
        default: break
        }
        if reason == .rateLimited, milliseconds <= FailureReading.shortWait {
            verdict = .retrySameKey(after: milliseconds)
        }
        if case .retrySameKey(nil) = verdict { verdict = .retrySameKey(after: milliseconds) }
    }
}
