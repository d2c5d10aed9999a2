import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Closes the connection after an answer with `Connection: close`, so that the client can read that answer.
///
/// A request refused before its body has been read leaves a client that is still sending. Closing at once would make
/// the kernel reset the connection, and the client could lose the answer; so our side is closed first, and what still
/// arrives is dropped until the client closes too or has had its time.
final class LingeringCloseHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    /// A client that sends nothing for this long has had its time.
    private static let patience = TimeAmount.seconds(2)
    /// So has one that sends and sends.
    private static let longest = TimeAmount.seconds(30)

    private var requestIsOpen = false
    private var inputIsClosed = false
    private var closesAfterEnd = false
    private var lingering: Scheduled<Void>?
    private var hasReadSince = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard lingering == nil else {
            hasReadSince = true
            if case .end = unwrapInboundIn(data) { context.close(promise: nil) }
            return
        }
        switch unwrapInboundIn(data) {
        case .head: requestIsOpen = true
        case .body: break
        case .end: requestIsOpen = false
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch unwrapOutboundIn(data) {
        case .head(let head):
            closesAfterEnd = head.headerFields[.connection] == "close"
            context.write(data, promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end where closesAfterEnd && lingering == nil:
            context.writeAndFlush(data, promise: promise)
            close(context: context)
        case .end:
            context.write(data, promise: promise)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            inputIsClosed = true
            if lingering != nil { context.close(promise: nil) }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        lingering?.cancel()
        context.fireChannelInactive()
    }

    private func close(context: ChannelHandlerContext) {
        guard requestIsOpen, !inputIsClosed else {
            context.close(promise: nil)
            return
        }
        linger(context: context, until: .now() + Self.longest)
        context.close(mode: .output, promise: nil)
    }

    private func linger(context: ChannelHandlerContext, until deadline: NIODeadline) {
        hasReadSince = false
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        lingering = context.eventLoop.scheduleTask(in: Self.patience) {
            let (handler, context) = bound.value
            if handler.hasReadSince, .now() < deadline {
                handler.linger(context: context, until: deadline)
            } else {
                context.close(promise: nil)
            }
        }
    }
}
