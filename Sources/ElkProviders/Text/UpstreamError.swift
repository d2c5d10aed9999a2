package import ElkWire

/// Errors that an upstream reports inside an answer of status 200: as an event of its stream, or as a whole body.
package enum UpstreamError {
    /// Reads an error object of any format: `{message, type, code}`, `{type, message}`, `{code, message, status}`.
    ///
    /// The client sees what kind of failure it was; the upstream's own words go to the log, for they may name accounts
    /// and hosts. Only what it says of the client's own request passes.
    package static func read(_ error: JSONSlice) -> Failure {
        let words = [error["type"], error["code"], error["status"]].compactMap { $0?.string?.lowercased() }
        let status = error["code"]?.int ?? 0
        let message = error["message"]?.string ?? error.string ?? ""
        func says(_ texts: String...) -> Bool { words.contains { word in texts.contains { word.contains($0) } } }
        if says("overloaded") || status == 529 || status == 503 || says("unavailable") {
            return failure(503, "The model's provider is overloaded. Try again later.", code: "overloaded", message)
        }
        if says("rate_limit", "resource_exhausted") || status == 429 {
            return failure(
                429,
                "The model's provider limits the rate. Try again later.",
                code: "rate_limit_exceeded",
                message
            )
        }
        if says("invalid_request", "invalid_prompt", "invalid_argument", "context_length", "content_filter", "policy")
            || status == 400
        {
            var refused = Failure.invalidRequest(
                message.isEmpty ? "The model's provider refused the request." : message
            )
            refused.code = error["code"]?.string
            return refused
        }
        return failure(502, "The model's provider failed while it answered.", code: "upstream_error", message)
    }

    /// The upstream's bytes are not what its format says.
    package static func unreadable(_ what: String) -> Failure {
        failure(502, "The model's provider sent an answer that cannot be read.", code: "upstream_error", what)
    }

    /// The stream ended before its terminal event.
    package static func truncated() -> Failure {
        failure(502, "The answer of the model's provider broke off.", code: "upstream_error", "no terminal event")
    }

    private static func failure(_ status: Int, _ text: String, code: String, _ detail: String) -> Failure {
        Failure.server(text, status: status, code: code)
    }
}
