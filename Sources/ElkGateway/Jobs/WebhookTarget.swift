import ElkProviders
package import ElkWire

/// The address of a webhook, parsed once: nothing can move what is sent there to another host.
package struct WebhookTarget: Sendable, Hashable {
    let isSecure: Bool
    let host: String
    let port: Int
    /// Path and query.
    let path: String

    /// - Parameter allowsPrivate: also addresses of this machine and its networks, and plain HTTP.
    package init(_ text: String, allowsPrivate: Bool) throws(Failure) {
        // What is in the path goes into the head of a request as it is.
        guard text.utf8.count <= 2048, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "#") }),
            let separator = text.firstIndex(of: ":")
        else { throw .invalidWebhook(scheme: allowsPrivate) }
        let authorityStart = text[separator...].dropFirst(3).startIndex
        let authority = text[authorityStart...].prefix { $0 != "/" && $0 != "?" }
        let rest = text[authority.endIndex...]
        guard let base = try? BaseURL(parsing: String(text[..<authority.endIndex])) else {
            throw .invalidWebhook(scheme: allowsPrivate)
        }
        (isSecure, host, port) = (base.isSecure, base.host, base.port)
        path = rest.hasPrefix("/") ? String(rest) : "/" + rest
        guard !allowsPrivate else { return }
        guard isSecure else { throw .invalidWebhook(scheme: allowsPrivate) }
        // Names are looked up when it is sent, and every address that they have is looked at again then.
        let literal = AddressResolver.literal(host, port: port).flatMap(AddressGuard.refusal(of:))
        if let reason = AddressGuard.refusal(ofName: host, port: port) ?? literal {
            throw .invalidWebhook("\(reason) cannot be reached from here")
        }
    }
}

extension Failure {
    fileprivate static func invalidWebhook(scheme allowsPlain: Bool) -> Failure {
        invalidWebhook("it must be an https:// \(allowsPlain ? "or http:// " : "")address")
    }

    static func invalidWebhook(_ reason: String) -> Failure {
        .invalidRequest("Invalid 'webhook_url': \(reason).", parameter: "webhook_url", code: "invalid_value")
    }

    package static let noWebhooks = invalidRequest(
        "This server sends no webhooks: its operator has set no secret to sign them with.",
        parameter: "webhook_url",
        code: "unsupported_value"
    )
}
