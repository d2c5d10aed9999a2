import ElkWire
import HTTPTypes
import HummingbirdCore

/// Refusals that need no provider and no account: they come from HTTP itself.
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

    /// Nobody reads it: the client has gone.
    static let clientClosed = Failure(
        status: 499,
        type: "invalid_request_error",
        message: "The client closed the request."
    )

    static func bodyTooLarge(limit: Int, bytes: Int) -> Failure {
        .server("Maximum content size limit (\(limit)) exceeded (\(bytes) bytes read)", status: 413)
    }

    static func unsupportedCoding(_ coding: String) -> Failure {
        Failure(
            status: 415,
            type: "invalid_request_error",
            message: "Content-Encoding \(coding.prefix(40)) is not supported; send the body as it is.",
            code: "unsupported_content_encoding"
        )
    }

    static let ambiguousCredentials = invalidRequest(
        "Different API keys were sent in one request; send one.",
        code: "ambiguous_credentials"
    )

    /// `GET /v1/files` and what else belongs to OpenAI's API and not to a gateway's.
    static func notServed(_ request: Request) -> Failure {
        Failure(
            status: 501,
            type: "invalid_request_error",
            message: "\(request.method.rawValue) \(request.uri.path) is not served here.",
            code: "api_not_implemented"
        )
    }
}
