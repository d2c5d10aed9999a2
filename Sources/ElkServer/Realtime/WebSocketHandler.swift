import HTTPTypes
import NIOCore
import NIOWebSocket

/// Speaks WebSocket on a connection that was HTTP: it stands in front of the HTTP handlers, which hear nothing from then on.
///
/// Pings are answered and the closing handshake is kept here; whole messages go to the inbox. While that is full, nothing more is
/// read from the socket.
final class WebSocketHandler: ChannelDuplexHandler {
    typealias InboundIn = WebSocketFrame
    typealias InboundOut = Never
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    /// A client that does not answer our close frame is cut off after this.
    private static let closePatience = TimeAmount.seconds(5)

    private let inbox: WebSocketInbox
    private let maxMessageBytes: Int
    private var message = ByteBuffer()
    /// Kind of the message that is coming in pieces.
    private var kind: WebSocketOpcode?
    private var hasSentClose = false
    private var wantsRead = false
    private var context: ChannelHandlerContext?

    init(inbox: WebSocketInbox, maxMessageBytes: Int) {
        self.inbox = inbox
        self.maxMessageBytes = maxMessageBytes
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        inbox.end()
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var frame = unwrapInboundIn(data)
        guard !hasSentClose || frame.opcode == .connectionClose else { return }
        guard frame.maskKey != nil, !frame.rsv1, !frame.rsv2, !frame.rsv3 else {
            close(.protocolError, "A frame is not as RFC 6455 has it.")
            return
        }
        inbox.noteSign()
        frame.data = frame.unmaskedData
        frame.maskKey = nil
        switch frame.opcode {
        case .ping where frame.data.readableBytes <= 125: write(.pong, frame.data)
        case .pong: break
        case .connectionClose: closed(by: frame.data)
        case .text, .binary, .continuation: take(frame)
        default: close(.protocolError, "A frame is not as RFC 6455 has it.")
        }
    }

    private func take(_ frame: WebSocketFrame) {
        if frame.opcode == .continuation {
            guard kind != nil else { return close(.protocolError, "A message continues that did not begin.") }
        } else {
            guard kind == nil else { return close(.protocolError, "A message begins within another.") }
            kind = frame.opcode
        }
        guard message.readableBytes + frame.data.readableBytes <= maxMessageBytes else {
            return close(.messageTooLarge, "A message is longer than \(maxMessageBytes) bytes.")
        }
        if message.readableBytes == 0 {
            message = frame.data
        } else {
            message.writeImmutableBuffer(frame.data)
        }
        guard frame.fin else { return }
        inbox.put(kind == .binary ? .binary(message) : .text(message))
        message = ByteBuffer()
        kind = nil
    }

    private func closed(by data: ByteBuffer) {
        let code = data.getInteger(at: data.readerIndex, as: UInt16.self)
        inbox.end(code: code)
        if !hasSentClose {
            hasSentClose = true
            write(.connectionClose, data.readableBytes <= 125 ? data : ByteBuffer())
        }
        context?.close(promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if let error = error as? NIOWebSocketError {
            let isTooLarge = error == .invalidFrameLength
            close(isTooLarge ? .messageTooLarge : .protocolError, "A frame is not as RFC 6455 has it.")
        } else {
            context.close(promise: nil)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed { inbox.end() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        inbox.end()
        context.fireChannelInactive()
    }

    // MARK: Out

    func read(context: ChannelHandlerContext) {
        if inbox.isFull { wantsRead = true } else { context.read() }
    }

    /// For the inbox: there is room again.
    func resumeReading() {
        guard wantsRead, !inbox.isFull else { return }
        wantsRead = false
        context?.read()
    }

    /// What the HTTP handlers would send has no place here any more.
    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        promise?.fail(ChannelError.operationUnsupported)
    }

    func write(_ bytes: ByteBuffer, promise: EventLoopPromise<Void>? = nil) {
        guard let context else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: promise)
    }

    func send(_ opcode: WebSocketOpcode, _ data: ByteBuffer, promise: EventLoopPromise<Void>?) {
        guard !hasSentClose else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        write(opcode, data, promise: promise)
    }

    private func write(_ opcode: WebSocketOpcode, _ data: ByteBuffer, promise: EventLoopPromise<Void>? = nil) {
        write(Self.frame(opcode, data), promise: promise)
    }

    /// Says why this side ends the connection, and waits a little for the other side to agree.
    func close(_ code: WebSocketErrorCode, _ reason: String) {
        guard !hasSentClose, let context else { return }
        hasSentClose = true
        inbox.end()
        var data = ByteBuffer()
        data.write(webSocketErrorCode: code)
        data.writeString(String(reason.prefix(100)))
        write(Self.frame(.connectionClose, data))
        let channel = context.channel
        context.eventLoop.scheduleTask(in: Self.closePatience) { channel.close(promise: nil) }
        // Else the client's answer would not be read.
        wantsRead = false
        context.read()
    }

    private static func frame(_ opcode: WebSocketOpcode, _ data: ByteBuffer) -> ByteBuffer {
        var frame = ByteBuffer()
        frame.reserveCapacity(data.readableBytes + 10)
        frame.writeInteger(0x80 | UInt8(webSocketOpcode: opcode))
        switch data.readableBytes {
        case ..<126: frame.writeInteger(UInt8(data.readableBytes))
        case ..<65_536: frame.writeMultipleIntegers(UInt8(126), UInt16(data.readableBytes))
        default: frame.writeMultipleIntegers(UInt8(127), UInt64(data.readableBytes))
        }
        frame.writeImmutableBuffer(data)
        return frame
    }
}
