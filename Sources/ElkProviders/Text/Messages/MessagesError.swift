import ElkWire

/// `{"type":"error","error":{…}}`, as whole bodies and error events of the Messages format have it.
enum MessagesError {
    static func write(_ failure: Failure, into json: inout JSONWriter) {
        json.object { object in
            object.member("type", "error")
            object.object("error") { error in
                error.member("type", type(failure.status))
                error.member("message", failure.message)
            }
        }
    }

    private static func type(_ status: Int) -> String {
        switch status {
        case 401: "authentication_error"
        case 402: "billing_error"
        case 403: "permission_error"
        case 404: "not_found_error"
        case 413: "request_too_large"
        case 429: "rate_limit_error"
        case 503, 529: "overloaded_error"
        case 504: "timeout_error"
        case 400..<500: "invalid_request_error"
        default: "api_error"
        }
    }
}
