import ElkProviders

/// What two requests must have in common to use the same connection.
struct Origin: Hashable, Sendable {
    var isSecure: Bool
    var host: String
    var port: Int
    /// A connection that the operator's exception opened must never serve a request without it.
    var reach: Reach

    init(_ request: UpstreamRequest, reach: Reach) {
        (isSecure, host, port, self.reach) = (request.isSecure, request.host, request.port, reach)
    }
}
