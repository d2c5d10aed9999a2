import ElkGateway
import ElkWire
import HTTPTypes
import NIOCore

/// What is spoken over a WebSocket.
protocol WebSocketSession: Sendable {
    /// Longest message that is taken from the client.
    var maxMessageBytes: Int { get }

    /// Returns when there is nothing more to say; the connection is closed then.
    func run(on socket: WebSocket) async
}

extension WebSocket {
    /// Ends HTTP on the connection with `head`, and goes on in frames.
    static func begin(
        on channel: any NIOCore.Channel,
        _ head: HTTPResponse,
        maxMessageBytes: Int
    ) async throws -> WebSocket {
        var text = ByteBuffer(string: "HTTP/1.1 101 Switching Protocols\r\n")
        for field in head.headerFields { text.writeString("\(field.name.canonicalName): \(field.value)\r\n") }
        text.writeString("\r\n")
        return try await begin(on: channel, text, maxMessageBytes: maxMessageBytes)
    }
}

/// What a client asks for when it wants a WebSocket.
struct WebSocketOffer {
    let key: String
    let protocols: [String]

    /// - Throws: 426 or 400 when the request is no offer of RFC 6455.
    init(_ headers: HTTPFields) throws(Failure) {
        let upgrades = Self.list(headers[values: .upgrade]).map { $0.lowercased() }
        let connection = Self.list(headers[values: .connection]).map { $0.lowercased() }
        guard upgrades.contains("websocket"), connection.contains("upgrade") else { throw .upgradeRequired }
        guard headers[.secWebSocketVersion] == "13" else { throw .upgradeRequired }
        guard let key = headers[.secWebSocketKey], Base64.decode(key)?.readableBytes == 16 else {
            throw .invalidRequest("The header Sec-WebSocket-Key is not a key of 16 bytes.")
        }
        self.key = key
        protocols = Self.list(headers[values: .secWebSocketProtocol])
    }

    /// The answer that agrees, and goes on as a session.
    func answer(_ session: any WebSocketSession) -> Answer {
        var headers: HTTPFields = [
            .upgrade: "websocket", .connection: "Upgrade", .secWebSocketAccept: WebSocketKey.accept(key),
        ]
        // Of those that a browser offers only this is a protocol: the others carry its key.
        if protocols.contains("realtime") { headers[.secWebSocketProtocol] = "realtime" }
        return Answer(status: .switchingProtocols, headers: headers, body: .webSocket(session))
    }

    static func list(_ values: [String]) -> [String] {
        values.flatMap { $0.split(separator: ",") }.map { item in
            String(item.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }
}

extension Failure {
    static let upgradeRequired: Failure = {
        var failure = Failure(
            status: 426,
            type: "invalid_request_error",
            message: "This address speaks WebSocket only (RFC 6455, version 13).",
            code: "upgrade_required"
        )
        failure.headers = ["upgrade": "websocket", "connection": "Upgrade", "sec-websocket-version": "13"]
        return failure
    }()
}
