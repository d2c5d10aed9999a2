import NIOCore

/// Tells a `ClientPresence` when the client closes its side of the connection.
///
/// Remote half-closure is on, so a FIN arrives as `inputClosed` and a reset as `channelInactive`. A client that
/// half-closes and still waits for its answer counts as gone: it cannot be told from one that left.
final class ClientPresenceHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = Any

    let presence = ClientPresence()

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            presence.leave()
        }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        presence.leave()
        context.fireChannelInactive()
    }
}
