import NIOCore

/// Reads what a server says to the wish for a WebSocket: bytes in, a decision out; no I/O.
struct WebSocketHandshakeReader {
    enum Answer {
        /// The connection speaks WebSocket from the next byte on.
        case agreed
        /// An ordinary answer, and as much of its body as is worth reading.
        case refused(ResponseHead, ByteBuffer)
    }

    /// A refusal's body beyond this is not read: no provider's is longer.
    private static let bodyBytes = 64 << 10

    private let accept: String
    private var parser: ResponseParser
    private var head: ResponseHead?
    private var body = ByteBuffer()

    /// - Parameter key: the `Sec-WebSocket-Key` that was sent.
    init(key: String, limits: ResponseParser.Limits = ResponseParser.Limits()) {
        accept = WebSocketKey.accept(key)
        parser = ResponseParser(limits: limits, acceptsSwitch: true)
    }

    /// Nil when the input must grow first: then what was not consumed has to be offered again.
    mutating func next(_ input: inout ByteBuffer) throws(ResponseParser.Fault) -> Answer? {
        while let event = try parser.next(&input) {
            switch event {
            case .head(let head) where head.status == 101:
                try check(head)
                return .agreed
            case .head(let head): self.head = head
            case .body(let bytes):
                body.writeImmutableBuffer(bytes)
                if body.readableBytes >= Self.bodyBytes { return refusal() }
            case .end: return refusal()
            }
        }
        return nil
    }

    /// The connection has ended: what had come of a refusal.
    mutating func finish() -> Answer? { parser.finish() ? refusal() : nil }

    private func refusal() -> Answer? { head.map { .refused($0, body) } }

    private func check(_ head: ResponseHead) throws(ResponseParser.Fault) {
        let upgrades = head.values("upgrade").flatMap { Self.list($0) }
        let connection = head.values("connection").flatMap { Self.list($0) }
        guard upgrades == ["websocket"], connection.contains("upgrade") else {
            throw .malformed("switched to something else than WebSocket")
        }
        guard head.values("sec-websocket-accept") == [accept] else { throw .malformed("another WebSocket's key") }
        guard head["sec-websocket-extensions"] == nil, head["sec-websocket-protocol"] == nil else {
            throw .malformed("an extension or a protocol that nobody offered")
        }
    }

    private static func list(_ value: String) -> [String] {
        value.split(separator: ",").map { item in item.lowercased().filter { $0 != " " && $0 != "\t" } }
    }
}
