import ElkWire
import HTTPTypes
import Hummingbird
import NIOCore

extension Response {
    /// The answer that says `failure`, in the OpenAI envelope.
    init(_ failure: Failure) {
        var body = ByteBuffer()
        failure.writeEnvelope(into: &body)
        self.init(json: body, status: HTTPResponse.Status(code: failure.status))
        if let seconds = failure.retryAfter {
            headers[.retryAfter] = String(seconds)
        }
        if failure.status == 401 {
            headers[.wwwAuthenticate] = "Bearer"
        }
    }

    init(json body: ByteBuffer, status: HTTPResponse.Status = .ok) {
        self.init(
            status: status,
            headers: [.contentType: "application/json"],
            body: ResponseBody(byteBuffer: body)
        )
    }
}

extension Failure {
    static func unknownURL(_ request: Request) -> Failure {
        Failure(
            status: 404,
            type: "invalid_request_error",
            message: "Invalid URL (\(request.method.rawValue) \(request.uri.path))"
        )
    }

    static func methodNotAllowed(_ request: Request) -> Failure {
        Failure(
            status: 405,
            type: "invalid_request_error",
            message: "Not allowed to \(request.method.rawValue) on \(request.uri.path).",
            code: "method_not_supported"
        )
    }

    static let shuttingDown = Failure.server(
        "The server is shutting down.",
        status: 503,
        code: "shutting_down",
        retryAfter: 1
    )

    static let unexpected = Failure.server("The server had an error while processing your request.")
}
