/// Why an exchange with a provider brought no answer, or not all of it.
///
/// The texts are for the log only.
package enum UpstreamError: Error, Sendable, Equatable {
    /// The address is one that this request must not reach. Nothing was sent.
    case refused(String)
    /// No connection. Nothing was sent.
    case unresolved(String)
    case unreachable(String)
    case connectTimeout
    case insecure(String)
    /// As many connections as allowed, and as many waiting for one.
    case exhausted
    /// Sent, and no head in time.
    case firstByteTimeout
    /// The body stood still for too long.
    case idleTimeout
    /// The connection ended before the answer did.
    case cut
    case malformed(String)
    /// By us: the client left, or the attempt was given up.
    case cancelled

    /// Whether the provider cannot have seen the request.
    package var isBeforeSending: Bool {
        switch self {
        case .refused, .unresolved, .unreachable, .connectTimeout, .insecure, .exhausted: true
        case .firstByteTimeout, .idleTimeout, .cut, .malformed, .cancelled: false
        }
    }
}
