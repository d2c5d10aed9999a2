import ElkWire

/// What can go wrong on the way to a provider and back.
package enum NetworkFailure: String, Sendable, Hashable, CaseIterable {
    case refused, unresolved, connectTimeout, tls
    /// The address is one that requests may not go to.
    case blockedAddress
    /// Ended before an answer's head came.
    case closedBeforeHead
    /// The same on a connection that had served before: it was closed while idle, and the request most likely not read.
    case staleConnection
    /// No head within the time for it.
    case headTimeout
    /// Silence in the middle of an answer.
    case idleTimeout
    /// Ended in the middle of an answer.
    case cut
    /// Not HTTP, or an answer over the limits.
    case malformed
}

extension UpstreamFailure {
    /// Whether another attempt is safe follows from how far the request got: one that was never sent may go anywhere at
    /// once, one that may have been worked on for long is not paid twice.
    package init(_ network: NetworkFailure) {
        let down = HealthEffect.channelCooling(milliseconds: nil)
        let (reason, fault, verdict, health): (Reason, Fault, Verdict, HealthEffect) =
            switch network {
            case .refused, .connectTimeout: (.unreachable, .provider, .retryOtherChannel, down)
            // A name that does not resolve and a certificate that does not fit are more often ours than theirs.
            case .unresolved, .tls: (.unreachable, .channel, .retryOtherChannel, down)
            case .blockedAddress: (.blockedAddress, .channel, .retryOtherChannel, down)
            case .staleConnection: (.cut, .provider, .retrySameKey(after: 0), .none)
            case .closedBeforeHead, .cut: (.cut, .provider, .retryOtherChannel, down)
            case .headTimeout, .idleTimeout: (.timedOut, .provider, .stop, down)
            case .malformed: (.badAnswer, .provider, .retryOtherChannel, down)
            }
        self.init(
            reason: reason,
            fault: fault,
            verdict: verdict,
            health: health,
            failure: ClientFailure.make(reason, reported: nil, status: nil, retryAfter: nil),
            upstreamStatus: nil
        )
        failure.detail = network.rawValue
    }
}
