/// Which header fields pass, in each direction.
///
/// What is not listed does not.
package enum HeaderPolicy {
    /// Whether a field that a provider's value or a channel set may be in a request: everything but what frames the message or
    /// belongs to one hop, which the client writes itself.
    package static func mayBeSent(_ name: String) -> Bool {
        switch name {
        case "host", "content-length", "transfer-encoding", "connection", "keep-alive", "te", "trailer", "upgrade",
            "expect",
            "accept-encoding", "content-encoding", "proxy-authorization", "proxy-authenticate", "proxy-connection",
            "cookie", "sec-websocket-key", "sec-websocket-version", "sec-websocket-accept", "sec-websocket-protocol",
            "sec-websocket-extensions":
            false
        default: true
        }
    }

    /// Fields of a client's request that may go up.
    ///
    /// No credential is among them, nor anything that says who the client is.
    package static let up: Set<String> = [
        "anthropic-version", "anthropic-beta", "openai-beta", "traceparent", "tracestate",
    ]

    /// Fields of a provider's answer that may come down.
    ///
    /// Not its request id, rate limits or organisation: they speak of the operator's account. Not `set-cookie`, `server`,
    /// `location`, `alt-svc` or anything that names a host. `content-type` goes through the translator, which decides it.
    private static let down: [StaticString] = ["content-type", "content-disposition", "openai-processing-ms"]

    /// The fields of the answer's head that may come down.
    static func passedDown(_ head: ResponseHead) -> [(name: String, value: String)] {
        var passed: [(name: String, value: String)] = []
        passed.reserveCapacity(down.count)
        for name in down {
            if let value = head[name] { passed.append((name.description, value)) }
        }
        return passed
    }
}
