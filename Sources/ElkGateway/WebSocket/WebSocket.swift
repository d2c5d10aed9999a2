package import NIOCore

/// A WebSocket with one other side: messages come in one at a time and go out one after the other.
package final class WebSocket: Sendable {
    private let handler: NIOLoopBound<WebSocketHandler>
    private let channel: any NIOCore.Channel
    package let inbox: WebSocketInbox

    private init(_ handler: NIOLoopBound<WebSocketHandler>, _ channel: any NIOCore.Channel, _ inbox: WebSocketInbox) {
        (self.handler, self.channel, self.inbox) = (handler, channel, inbox)
    }

    /// Ends HTTP on a client's connection with `head`, and goes on in frames.
    package static func begin(
        on channel: any NIOCore.Channel,
        _ head: ByteBuffer,
        maxMessageBytes: Int
    ) async throws -> WebSocket {
        try await channel.eventLoop.submit {
            let (socket, handler) = Self.make(on: channel, isClient: false, maxMessageBytes: maxMessageBytes)
            // In front of what was there, so that HTTP hears no byte of what comes.
            try channel.pipeline.syncOperations.addHandler(handler, position: .first)
            handler.write(head)
            return socket
        }.get()
    }

    /// The socket and the handler that is to be put in the connection's pipeline; called on its loop.
    static func make(
        on channel: any NIOCore.Channel,
        isClient: Bool,
        maxMessageBytes: Int
    ) -> (WebSocket, WebSocketHandler) {
        let inbox = WebSocketInbox()
        let handler = WebSocketHandler(inbox: inbox, isClient: isClient, maxMessageBytes: maxMessageBytes)
        let bound = NIOLoopBound(handler, eventLoop: channel.eventLoop)
        inbox.onRoom { channel.eventLoop.execute { bound.value.resumeReading() } }
        return (WebSocket(bound, channel, inbox), handler)
    }

    /// Sends a text message; returns once the socket has taken it.
    package func send(_ text: ByteBuffer) async throws {
        try await send(.text, text)
    }

    package func send(_ message: WebSocketInbox.Message) async throws {
        switch message {
        case .text(let text): try await send(.text, text)
        case .binary(let bytes): try await send(.binary, bytes)
        }
    }

    /// Sends a text message without waiting: for the few words before a close.
    package func tell(_ text: ByteBuffer) {
        channel.eventLoop.execute { [handler] in handler.value.send(.text, text, promise: nil) }
    }

    /// Asks for a sign of life, without waiting.
    package func ping() {
        channel.eventLoop.execute { [handler] in handler.value.send(.ping, ByteBuffer(), promise: nil) }
    }

    /// Sends a close frame; the connection ends when the other side has answered it, or soon.
    package func close(_ code: WebSocketCode, _ reason: String = "") {
        close(WebSocketClosing(code, reason))
    }

    package func close(_ closing: WebSocketClosing) {
        channel.eventLoop.execute { [handler] in handler.value.close(closing) }
    }

    /// Closes the connection in good order, unless that has been done, and returns once it is gone.
    package func end() async {
        close(.normalClosure)
        try? await channel.closeFuture.get()
    }

    private func send(_ opcode: WebSocketWriter.Opcode, _ data: ByteBuffer) async throws {
        let promise = channel.eventLoop.makePromise(of: Void.self)
        channel.eventLoop.execute { [handler] in handler.value.send(opcode, data, promise: promise) }
        try await promise.futureResult.get()
    }
}
