import Crypto
import ElkWire
import HTTPTypes
import NIOCore
import NIOHTTPTypes
import NIOWebSocket

/// A WebSocket with one client: messages come in one at a time and go out one after the other.
final class WebSocket: Sendable {
    private let handler: NIOLoopBound<WebSocketHandler>
    private let channel: any Channel
    let inbox: WebSocketInbox

    private init(_ handler: NIOLoopBound<WebSocketHandler>, _ channel: any Channel, _ inbox: WebSocketInbox) {
        (self.handler, self.channel, self.inbox) = (handler, channel, inbox)
    }

    /// Ends HTTP on the connection with `head`, and goes on in frames.
    static func begin(
        on channel: any Channel,
        _ head: HTTPResponse,
        maxMessageBytes: Int
    ) async throws -> WebSocket {
        var text = ByteBuffer(string: "HTTP/1.1 101 Switching Protocols\r\n")
        for field in head.headerFields { text.writeString("\(field.name.canonicalName): \(field.value)\r\n") }
        text.writeString("\r\n")
        let inbox = WebSocketInbox()
        return try await channel.eventLoop.submit { [text] in
            let handler = WebSocketHandler(inbox: inbox, maxMessageBytes: maxMessageBytes)
            let decoder = ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: maxMessageBytes))
            // Both in front of what was there, so that HTTP hears no byte of what comes.
            try channel.pipeline.syncOperations.addHandlers([decoder, handler], position: .first)
            handler.write(text)
            let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
            inbox.onRoom { channel.eventLoop.execute { bound.value.resumeReading() } }
            return WebSocket(bound, channel, inbox)
        }.get()
    }

    /// Sends a text message; returns once the socket has taken it.
    func send(_ text: ByteBuffer) async throws {
        try await send(.text, text)
    }

    func send(binary: ByteBuffer) async throws {
        try await send(.binary, binary)
    }

    func ping() async throws {
        try await send(.ping, ByteBuffer())
    }

    /// Sends a close frame; the connection ends when the client has answered it, or soon.
    func close(_ code: WebSocketErrorCode, _ reason: String) {
        channel.eventLoop.execute { [handler] in handler.value.close(code, reason) }
    }

    /// Closes the connection in good order, unless that has been done, and returns once it is gone.
    func end() async {
        close(.normalClosure, "")
        try? await channel.closeFuture.get()
    }

    private func send(_ opcode: WebSocketOpcode, _ data: ByteBuffer) async throws {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        channel.eventLoop.execute { [handler] in handler.value.send(opcode, data, promise: promise) }
        try await promise.futureResult.get()
    }
}

/// What is spoken over a WebSocket.
protocol WebSocketSession: Sendable {
    /// Longest message that is taken from the client.
    var maxMessageBytes: Int { get }

    /// Returns when there is nothing more to say; the connection is closed then.
    func run(on socket: WebSocket) async
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

    /// The header `Sec-WebSocket-Accept`.
    var accept: String {
        var hash = Insecure.SHA1()
        hash.update(data: Array("\(key)258EAFA5-E914-47DA-95CA-C5AB0DC85B11".utf8))
        var text = ByteBuffer()
        Array(hash.finalize()).withUnsafeBytes { text.writeBase64($0) }
        return String(buffer: text)
    }

    static func list(_ values: [String]) -> [String] {
        values.flatMap { $0.split(separator: ",") }.map { item in
            String(item.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
        }
    }
}

extension Failure {
    static let upgradeRequired = Failure(
        status: 426,
        type: "invalid_request_error",
        message: "This address speaks WebSocket only (RFC 6455, version 13).",
        code: "upgrade_required"
    )
}
