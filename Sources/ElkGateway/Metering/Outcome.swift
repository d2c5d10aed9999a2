import ElkWire

/// How a request ended: what decides, with the usage, what it costs (docs/money.md).
package enum Outcome: Sendable, Hashable {
    /// The upstream answered and said that it was done.
    case completed
    /// Done too, but cut short by the upstream itself: a length limit, a content filter. It reports usage like a complete one.
    case incomplete(reason: String)
    /// The client went away. `drained`: the upstream was read to its end all the same, so that its usage is known.
    case clientAbort(drained: Bool)
    /// The last attempt failed, before or after the first byte.
    case upstreamFailure
    /// Our own fault: a bug, a full disk, a restart.
    case gatewayFailure
    /// We cut the stream because the money ran out.
    case limitCut
    /// Answered from what was kept: a retrieved response, a replay, a resumed stream.
    case replayed
    /// Refused before any upstream was asked, or by the local engine for what the client itself did.
    case refused

    /// How a failure of the local engine ends a request: what the client did, or a full queue, is no failure of the engine.
    init(ofLocal failure: Failure) {
        self = failure.status < 500 ? .refused : .upstreamFailure
    }

    /// Stable, for the usage row, logs and metrics.
    package var name: String {
        switch self {
        case .completed: "completed"
        case .incomplete: "incomplete"
        case .clientAbort: "client_abort"
        case .upstreamFailure: "upstream_failure"
        case .gatewayFailure: "gateway_failure"
        case .limitCut: "limit_cut"
        case .replayed: "replayed"
        case .refused: "refused"
        }
    }
}
