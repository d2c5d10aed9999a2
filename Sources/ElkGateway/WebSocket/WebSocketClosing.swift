/// Why a WebSocket is closed (RFC 6455, 7.4).
package struct WebSocketCode: RawRepresentable, Sendable, Hashable {
    package let rawValue: UInt16

    package init(rawValue: UInt16) { self.rawValue = rawValue }

    package static let normalClosure = WebSocketCode(rawValue: 1000)
    package static let goingAway = WebSocketCode(rawValue: 1001)
    package static let protocolError = WebSocketCode(rawValue: 1002)
    /// Text that is not UTF-8.
    package static let invalidText = WebSocketCode(rawValue: 1007)
    package static let policyViolation = WebSocketCode(rawValue: 1008)
    package static let messageTooLarge = WebSocketCode(rawValue: 1009)
    package static let serverFault = WebSocketCode(rawValue: 1011)

    /// Whether a close frame may carry it: 1005, 1006 and 1015 only say what happened where there was none.
    package var isSent: Bool {
        switch rawValue {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}

/// A code and a few words for people.
package struct WebSocketClosing: Error, Sendable, Hashable {
    /// Bytes of a reason that fit beside the code.
    static let maxReasonBytes = 123

    package var code: WebSocketCode
    package var reason: String

    package init(_ code: WebSocketCode, _ reason: String = "") {
        (self.code, self.reason) = (code, reason)
    }

    static let brokenFrame = WebSocketClosing(.protocolError, "A frame is not as RFC 6455 has it.")
}
