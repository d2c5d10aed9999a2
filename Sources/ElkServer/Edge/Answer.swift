import ElkGateway
import ElkWire
import HTTPTypes
import NIOCore

/// What a request is answered with: a head, and a body that is there or that is pulled as the client takes it.
struct Answer: Sendable {
    enum Body: Sendable {
        case whole(ByteBuffer)
        case stream(any ReplyStream)
        /// The connection goes on in WebSocket's frames until the session returns.
        case webSocket(any WebSocketSession)
    }

    var status: HTTPResponse.Status
    var headers: HTTPFields
    var body: Body

    init(status: HTTPResponse.Status = .ok, headers: HTTPFields = [:], body: Body = .whole(ByteBuffer())) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    init(json body: ByteBuffer, status: HTTPResponse.Status = .ok) {
        self.init(status: status, headers: [.contentType: "application/json"], body: .whole(body))
    }

    /// The answer that says `failure` in a client's dialect.
    init(_ failure: Failure, dialect: Dialect, requestID: RequestID) {
        var body = ByteBuffer()
        failure.writeEnvelope(dialect, requestID: requestID, into: &body)
        self.init(json: body, status: HTTPResponse.Status(code: failure.status(in: dialect)))
        if let seconds = failure.retryAfter {
            headers[.retryAfter] = String(seconds)
        }
        if let milliseconds = failure.retryAfterMilliseconds {
            headers[.retryAfterMilliseconds] = String(milliseconds)
        }
        if let shouldRetry = failure.shouldRetry {
            headers[.shouldRetry] = shouldRetry ? "true" : "false"
        }
        if failure.status == 401 {
            headers[.wwwAuthenticate] = "Bearer"
        }
        for (name, value) in failure.headers {
            if let name = HTTPField.Name(name) { headers[name] = value }
        }
    }
}
