import ElkProviders
import NIOCore

/// Asks a server for a WebSocket on a fresh connection, and hands over to the frames once it agrees.
///
/// Lives on its event loop only; the connection is read on demand until the server has agreed.
final class WebSocketHandshake: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let request: UpstreamRequest
    private let maxMessageBytes: Int
    private let key: String
    private let answer: EventLoopPromise<HTTPUpstream.Upgrade>
    private var reader: WebSocketHandshakeReader
    /// What the reader could not take yet.
    private var rest: ByteBuffer?
    private var isOver = false

    init(
        _ request: UpstreamRequest,
        limits: ResponseParser.Limits,
        maxMessageBytes: Int,
        answer: EventLoopPromise<HTTPUpstream.Upgrade>
    ) {
        (self.request, self.maxMessageBytes, self.answer) = (request, maxMessageBytes, answer)
        let key = WebSocketKey.random()
        self.key = key
        reader = WebSocketHandshakeReader(key: key, limits: limits)
    }

    /// The connection is open, and secure where it has to be.
    func handlerAdded(context: ChannelHandlerContext) {
        guard let head = RequestWriter.write(request, webSocket: key, allocator: context.channel.allocator) else {
            return fail(.refused("a header or the path holds what it must not"))
        }
        context.writeAndFlush(wrapOutboundOut(head), promise: nil)
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isOver else { return }
        var input = unwrapInboundIn(data)
        if var whole = rest {
            rest = nil
            whole.writeBuffer(&input)
            input = whole
        }
        do throws(ResponseParser.Fault) {
            switch try reader.next(&input) {
            case .agreed: switchOver(context, input)
            case .refused(let head, let body): refused(head, body)
            case nil: rest = input
            }
        } catch {
            fail(.malformed("\(error)"))
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !isOver { context.read() }
        context.fireChannelReadComplete()
    }

    /// What came with the answer is the beginning of the first frame.
    private func switchOver(_ context: ChannelHandlerContext, _ rest: ByteBuffer) {
        isOver = true
        let channel = context.channel
        let (socket, handler) = WebSocket.make(on: channel, isClient: true, maxMessageBytes: maxMessageBytes)
        do {
            try context.pipeline.syncOperations.addHandler(handler, position: .after(self))
        } catch {
            return answer.fail(UpstreamError.cut)
        }
        if rest.readableBytes > 0 { context.fireChannelRead(wrapInboundOut(rest)) }
        context.pipeline.syncOperations.removeHandler(self, promise: nil)
        // From here on the handler decides what is read.
        channel.setOption(.autoRead, value: true).whenFailure { _ in channel.close(promise: nil) }
        answer.succeed(.open(socket))
    }

    private func refused(_ head: ResponseHead, _ body: ByteBuffer) {
        isOver = true
        answer.succeed(.refused(head, body))
    }

    private func fail(_ error: UpstreamError) {
        isOver = true
        answer.fail(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !isOver, case .refused(let head, let body) = reader.finish() { refused(head, body) }
        fail(.cut)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
