import NIOCore
import NIOPosix
import NIOSSL
import NIOTLS

/// Opens connections: resolves, checks every address, connects to the checked ones and to nothing else, and shakes hands.
struct Connector: Sendable {
    let configuration: UpstreamConfiguration
    let resolver: AddressResolver
    let authorities: TLSAuthorities
    var limits = ResponseParser.Limits()

    /// Puts what speaks on the connection into its pipeline, behind TLS.
    typealias SetUp = @Sendable (any NIOCore.Channel) throws -> Void

    /// A connection that is ready to be written to; it is read from when somebody asks.
    ///
    /// - Throws: `UpstreamError`, one of those before sending.
    func connect(
        to origin: Origin,
        within time: TimeAmount,
        on loop: any EventLoop,
        setUp: @escaping SetUp
    ) -> EventLoopFuture<any NIOCore.Channel> {
        if origin.reach == .publicOnly, let reason = AddressGuard.refusal(ofName: origin.host, port: origin.port) {
            return loop.makeFailedFuture(UpstreamError.refused(reason))
        }
        let deadline = NIODeadline.now() + time
        return resolver.resolve(origin.host, port: origin.port, on: loop).flatMap { addresses in
            if addresses.isEmpty { return loop.makeFailedFuture(UpstreamError.unresolved("no address")) }
            if origin.reach == .publicOnly {
                // One forbidden address among them is enough: an answer that mixes is an attack, not a service.
                for address in addresses {
                    if let reason = AddressGuard.refusal(of: address) {
                        return loop.makeFailedFuture(UpstreamError.refused(reason))
                    }
                }
            }
            return self.connect(to: addresses[...], of: origin, until: deadline, on: loop, setUp: setUp)
        }
    }

    /// Tries the addresses one after the other.
    private func connect(
        to addresses: ArraySlice<SocketAddress>,
        of origin: Origin,
        until deadline: NIODeadline,
        on loop: any EventLoop,
        setUp: @escaping SetUp
    ) -> EventLoopFuture<any NIOCore.Channel> {
        guard let address = addresses.first else {
            return loop.makeFailedFuture(UpstreamError.unreachable("no address answered"))
        }
        let rest = addresses.dropFirst()
        let left = deadline - .now()
        guard left > .zero else { return loop.makeFailedFuture(UpstreamError.connectTimeout) }
        return connect(
            to: address,
            of: origin,
            within: rest.isEmpty ? left : .nanoseconds(left.nanoseconds / 2),
            on: loop,
            setUp: setUp
        )
        .flatMapError { error in
            rest.isEmpty
                ? loop.makeFailedFuture(error)
                : self.connect(to: rest, of: origin, until: deadline, on: loop, setUp: setUp)
        }
    }

    private func connect(
        to address: SocketAddress,
        of origin: Origin,
        within time: TimeAmount,
        on loop: any EventLoop,
        setUp: @escaping SetUp
    ) -> EventLoopFuture<any NIOCore.Channel> {
        let ready = loop.makePromise(of: Void.self)
        let authorities = authorities
        let timeout = loop.scheduleTask(in: time) { ready.fail(UpstreamError.connectTimeout) }
        let connected = ClientBootstrap(group: loop)
            .connectTimeout(time)
            .channelOption(.autoRead, value: false)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.socketOption(.so_rcvbuf), value: .init(configuration.receiveBuffer))
            .channelOption(.maxMessagesPerRead, value: 1)
            .channelOption(
                .recvAllocator,
                value: AdaptiveRecvByteBufferAllocator(
                    minimum: 1 << 10,
                    initial: 4 << 10,
                    maximum: max(4 << 10, configuration.largestRead)
                )
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if origin.isSecure {
                        // A name for an address is refused; the certificate is then checked for the address.
                        let name = AddressResolver.literal(origin.host, port: 0) == nil ? origin.host : nil
                        let handler = try NIOSSLClientHandler(context: authorities.context(), serverHostname: name)
                        try channel.pipeline.syncOperations.addHandlers(handler, HandshakeHandler(ready, name: name))
                    } else {
                        ready.succeed()
                    }
                    try setUp(channel)
                }
            }
            .connect(to: address)
        return connected.flatMapErrorThrowing { error in
            ready.fail(error)
            throw error is ChannelError ? UpstreamError.connectTimeout : UpstreamError.unreachable("\(error)")
        }.flatMap { channel in
            if origin.isSecure { channel.read() }
            return ready.futureResult.flatMapThrowing {
                timeout.cancel()
                guard channel.isActive else { throw UpstreamError.unreachable("closed at once") }
                return channel
            }.flatMapErrorThrowing { error in
                timeout.cancel()
                channel.close(promise: nil)
                throw error as? UpstreamError ?? UpstreamError.insecure("\(error)")
            }
        }
    }
}

/// Waits for the end of the TLS handshake, reading on until then.
private final class HandshakeHandler: ChannelInboundHandler, RemovableChannelHandler {
    typealias InboundIn = ByteBuffer

    private var ready: EventLoopPromise<Void>?
    private let name: String?

    /// - Parameter name: what the certificate must name; nil where the host is an address.
    init(_ ready: EventLoopPromise<Void>, name: String?) {
        (self.ready, self.name) = (ready, name)
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? TLSUserEvent, case .handshakeCompleted = event {
            if let name, !isNamed(name, context) {
                ready?.fail(UpstreamError.insecure("the certificate does not name the host"))
            } else {
                ready?.succeed()
            }
            ready = nil
            context.pipeline.syncOperations.removeHandler(self, promise: nil)
        }
        context.fireUserInboundEventTriggered(event)
    }

    private func isNamed(_ name: String, _ context: ChannelHandlerContext) -> Bool {
        guard let certificate = try? context.pipeline.syncOperations.nioSSL_peerCertificate() else { return false }
        return HostIdentity.isNamed(name, by: certificate)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if ready != nil { context.read() }
        context.fireChannelReadComplete()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        ready?.fail(UpstreamError.insecure("\(error)"))
        ready = nil
        context.fireErrorCaught(error)
    }

    func channelInactive(context: ChannelHandlerContext) {
        ready?.fail(UpstreamError.insecure("closed during the handshake"))
        ready = nil
        context.fireChannelInactive()
    }
}
