import ElkProviders
import NIOCore

/// One HTTP/1.1 connection to a provider, serving one exchange after the other.
///
/// Lives on its event loop only.
///
/// The socket is read on demand: while the exchange has room for more, and while idle, to notice the provider closing.
final class UpstreamConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    let origin: Origin
    private let pool: LoopPool
    private var context: ChannelHandlerContext?
    private var parser: ResponseParser
    /// What the parser could not take yet.
    private var rest: ByteBuffer?
    private(set) var exchange: UpstreamExchange?
    /// A read has been asked for and has not happened.
    private(set) var isReading = false
    /// The request has left for the kernel; until then the connection cannot be used again.
    private var isWritten = true
    /// Something of the answer has come.
    private var isAnswered = false
    /// Ended by a reset or without TLS's own end: then a body that lasts until the connection ends has been cut.
    private var isBroken = false
    private(set) var served = 0
    var idleUntil = NIODeadline.distantFuture

    init(origin: Origin, pool: LoopPool, limits: ResponseParser.Limits) {
        (self.origin, self.pool) = (origin, pool)
        parser = ResponseParser(limits: limits)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    var isUsable: Bool { context?.channel.isActive ?? false }

    /// Sends the request.
    ///
    /// The connection is idle.
    func begin(_ exchange: UpstreamExchange) {
        guard let context, let bytes = RequestWriter.write(exchange.request, allocator: context.channel.allocator)
        else {
            exchange.fail(.refused("a header or the path holds what it must not"))
            return pool.release(self)
        }
        served += 1
        self.exchange = exchange
        exchange.connection = self
        exchange.sent()
        isAnswered = false
        if exchange.request.body.readableBytes > RequestWriter.joined {
            isWritten = false
            context.write(wrapOutboundOut(bytes), promise: nil)
            let promise = context.eventLoop.makePromise(of: Void.self)
            let bound = NIOLoopBound(self, eventLoop: context.eventLoop)
            promise.futureResult.whenComplete { _ in bound.value.isWritten = true }
            context.writeAndFlush(wrapOutboundOut(exchange.request.body), promise: promise)
        } else {
            context.writeAndFlush(wrapOutboundOut(bytes), promise: nil)
        }
        readIfWanted()
    }

    /// The exchange has been given up: its answer may still be on the way, so the connection cannot serve another.
    func abandon() {
        exchange = nil
        context?.close(promise: nil)
    }

    func close() { context?.close(promise: nil) }

    func readIfWanted() {
        guard !isReading, let context, exchange?.wantsMore ?? true else { return }
        isReading = true
        exchange?.reading()
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // Nobody asked: what an idle connection says belongs to no request of ours.
        guard exchange != nil else { return close() }
        var input = unwrapInboundIn(data)
        isAnswered = true
        if var whole = rest {
            rest = nil
            whole.writeBuffer(&input)
            input = whole
        }
        do throws(ResponseParser.Fault) {
            while let exchange, let event = try parser.next(&input) {
                switch event {
                case .head(let head): exchange.received(head)
                case .body(let bytes): exchange.received(bytes)
                case .end(let keepsAlive):
                    return end(exchange, reusable: keepsAlive && input.readableBytes == 0 && isWritten)
                }
            }
        } catch {
            let exchange = exchange
            self.exchange = nil
            exchange?.fail(.malformed("\(error)"))
            return close()
        }
        if input.readableBytes > 0 { rest = input }
        exchange?.deliver()
    }

    private func end(_ exchange: UpstreamExchange, reusable: Bool) {
        self.exchange = nil
        if reusable { pool.release(self) } else { close() }
        exchange.finish()
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        readIfWanted()
    }

    func channelInactive(context: ChannelHandlerContext) {
        pool.closed(self)
        if let exchange {
            self.exchange = nil
            if !isBroken, parser.finish() {
                exchange.finish()
            } else if !isAnswered, served > 1, exchange.mayResend {
                // A kept connection that the provider closed while the request was on its way to it.
                exchange.mayResend = false
                exchange.connection = nil
                pool.start(exchange, onFreshConnection: true)
            } else {
                exchange.fail(.cut)
            }
        }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        isBroken = true
        close()
    }
}
