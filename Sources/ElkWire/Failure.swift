package import NIOCore

/// What went wrong with a request, in the terms of the OpenAI error envelope.
package struct Failure: Error, Sendable, Hashable {
    package var status: Int
    package var type: String
    package var message: String
    package var parameter: String?
    package var code: String?
    /// Seconds for a `Retry-After` header.
    package var retryAfter: Int?

    package init(
        status: Int,
        type: String,
        message: String,
        parameter: String? = nil,
        code: String? = nil,
        retryAfter: Int? = nil
    ) {
        self.status = status
        self.type = type
        self.message = message
        self.parameter = parameter
        self.code = code
        self.retryAfter = retryAfter
    }

    /// The caller's fault: status 400, type `invalid_request_error`.
    package static func invalidRequest(_ message: String, parameter: String? = nil, code: String? = nil) -> Failure {
        Failure(status: 400, type: "invalid_request_error", message: message, parameter: parameter, code: code)
    }

    /// Too much at once: status 429, and the seconds after which a client should try again.
    package static func busy(_ message: String, retryAfter: Int) -> Failure {
        Failure(status: 429, type: "requests", message: message, code: "rate_limit_exceeded", retryAfter: retryAfter)
    }

    /// Our fault: status 500 unless said otherwise, type `server_error`.
    package static func server(
        _ message: String,
        status: Int = 500,
        code: String? = nil,
        retryAfter: Int? = nil
    ) -> Failure {
        Failure(status: status, type: "server_error", message: message, code: code, retryAfter: retryAfter)
    }

    /// Writes `{"error":{"message","type","param","code"}}`, the envelope that OpenAI clients turn into typed
    /// exceptions.
    package func writeEnvelope(into buffer: inout ByteBuffer) {
        buffer.writeStaticString("{\"error\":{\"message\":")
        buffer.writeJSONString(message)
        buffer.writeStaticString(",\"type\":")
        buffer.writeJSONString(type)
        buffer.writeStaticString(",\"param\":")
        buffer.writeJSONString(orNull: parameter)
        buffer.writeStaticString(",\"code\":")
        buffer.writeJSONString(orNull: code)
        buffer.writeStaticString("}}")
    }
}
