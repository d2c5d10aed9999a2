import ElkGateway
import ElkWire
import HTTPTypes
import HummingbirdCore
import NIOCore

/// `GET /metrics`, for this machine and for the root credential: how much is asked of a server is its operator's business.
struct MetricsRoute: Sendable {
    let metrics: Metrics
    let admin: AdminRoutes
    /// What others have measured.
    let measurements: @Sendable () -> [MetricFamily]

    func answer(_ request: Request, _ context: RequestContext) throws -> Answer {
        // A proxy on this machine speaks for whoever is behind it.
        let isForwarded = request.headers[.forwarded] != nil || request.headers[.forwardedFor] != nil
        if isForwarded || !context.connection.isLocal { try admin.authorise(request) }
        var body = ByteBuffer()
        metrics.write(into: &body, more: measurements())
        return Answer(headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"], body: .whole(body))
    }
}
