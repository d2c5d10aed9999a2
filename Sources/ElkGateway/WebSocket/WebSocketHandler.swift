import NIOCore

/// Speaks WebSocket on a connection: at a server it stands in front of the HTTP handlers, which hear nothing from then on.
///
/// Pings are answered and the closing handshake is kept here; whole messages go to the inbox. While that is full, nothing more is
/// read from the socket.
final class WebSocketHandler: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = Never
    typealias OutboundIn = Never
    typealias OutboundOut = ByteBuffer

    /// Another side that does not answer our close frame is cut off after this.
    private static let closePatience = TimeAmount.seconds(5)

    private let inbox: WebSocketInbox
    private let isClient: Bool
    private var reader: WebSocketReader
    /// What the reader could not take yet.
    private var rest: ByteBuffer?
    /// A ping that came while the other side did not read; only the last one needs an answer.
    private var unanswered: ByteBuffer?
    private var hasSentClose = false
    /// Nothing can answer our close frame any more.
    private var isDeaf = false
    private var wantsRead = false
    private var context: ChannelHandlerContext?

    init(inbox: WebSocketInbox, isClient: Bool, maxMessageBytes: Int) {
        (self.inbox, self.isClient) = (inbox, isClient)
        reader = WebSocketReader(expectsMask: !isClient, maxMessageBytes: maxMessageBytes)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        rest = nil
        inbox.end(.cut)
    }

    // MARK: In

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var input = unwrapInboundIn(data)
        inbox.noteSign()
        if var whole = rest {
            rest = nil
            whole.writeBuffer(&input)
            input = whole
        }
        while true {
            do throws(WebSocketClosing) {
                guard let event = try reader.next(&input) else { break }
                take(event)
            } catch {
                inbox.end(.refused(error))
                close(error)
            }
        }
        guard input.readableBytes > 0, !reader.isLost else { return }
        // Else what was read long ago stays in front of it.
        input.discardReadBytes()
        // A long frame grows to its length, not to the next power of two.
        input.reserveCapacity(minimumWritableBytes: max(0, reader.awaited - input.readableBytes))
        rest = input
    }

    private func take(_ event: WebSocketReader.Event) {
        switch event {
        case .close(let closing): closed(closing)
        case _ where hasSentClose: break
        case .message(let message): inbox.put(message)
        case .ping(let data): answer(data)
        case .pong: break
        }
    }

    private func answer(_ ping: ByteBuffer) {
        guard let context, context.channel.isWritable else {
            unanswered = ping
            return
        }
        unanswered = nil
        send(.pong, ping, promise: nil)
    }

    private func closed(_ closing: WebSocketClosing?) {
        inbox.end(.closed(closing))
        if !hasSentClose {
            hasSentClose = true
            write(.close, closing.map(WebSocketWriter.payload(of:)) ?? ByteBuffer())
        }
        context?.close(promise: nil)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable, let ping = unanswered { answer(ping) }
        context.fireChannelWritabilityChanged()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            isDeaf = true
            inbox.end(.cut)
            if hasSentClose { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        inbox.end(.cut)
        context.fireChannelInactive()
    }

    // MARK: Out

    func read(context: ChannelHandlerContext) {
        if inbox.isFull, !hasSentClose { wantsRead = true } else { context.read() }
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

    func send(_ opcode: WebSocketWriter.Opcode, _ data: ByteBuffer, promise: EventLoopPromise<Void>?) {
        guard !hasSentClose else {
            promise?.fail(ChannelError.outputClosed)
            return
        }
        write(opcode, data, promise: promise)
    }

    private func write(
        _ opcode: WebSocketWriter.Opcode,
        _ data: ByteBuffer,
        promise: EventLoopPromise<Void>? = nil
    ) {
        let mask = isClient ? UInt32.random(in: .min ... .max) : nil
        write(WebSocketWriter.frame(opcode, data, mask: mask), promise: promise)
    }

    /// Says why this side ends the connection, and waits a little for the other side to agree.
    func close(_ closing: WebSocketClosing) {
        guard !hasSentClose, let context else { return }
        hasSentClose = true
        inbox.end(.left)
        write(.close, WebSocketWriter.payload(of: closing))
        guard !isDeaf else { return context.close(promise: nil) }
        let channel = context.channel
        context.eventLoop.scheduleTask(in: Self.closePatience) { channel.close(promise: nil) }
        // Else the answer would not be read.
        wantsRead = false
        context.read()
    }
}
