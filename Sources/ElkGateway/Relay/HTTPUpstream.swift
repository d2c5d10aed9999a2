package import ElkProviders
package import NIOCore
import NIOPosix

/// The one client for everything that goes out to providers.
///
/// HTTP/1.1 on connections that are pooled per event loop: a caller on one of the group's loops is served on that loop, so a
/// relayed request never changes threads. Follows no redirect, knows no proxy variable, asks for no compression, and reaches
/// only what `Reach` allows.
package final class HTTPUpstream: Sendable {
    private let group: any EventLoopGroup
    private let pools: [ObjectIdentifier: LoopPool]
    private let window: Int
    let connector: Connector

    /// - Parameter group: the server's own, so that both ends of a relay share a thread.
    package init(
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton,
        configuration: UpstreamConfiguration = UpstreamConfiguration(),
        resolver: AddressResolver = .system
    ) {
        self.group = group
        window = configuration.window
        let connector = Connector(
            configuration: configuration,
            resolver: resolver,
            authorities: TLSAuthorities(extra: configuration.extraAuthorities)
        )
        let loops = Array(group.makeIterator())
        self.connector = connector
        pools = Dictionary(
            uniqueKeysWithValues: loops.map { loop in
                let pool = LoopPool(loop: loop, loops: loops.count, configuration: configuration, connector: connector)
                return (ObjectIdentifier(loop), pool)
            }
        )
    }

    /// Sends the request and waits for the head of its answer.
    ///
    /// The body is then pulled from the exchange, which must be read to its end, drained or cancelled.
    ///
    /// Cancelling the task closes the connection.
    package func send(
        _ request: UpstreamRequest,
        reach: Reach,
        timeouts: UpstreamTimeouts = UpstreamTimeouts()
    ) async throws(UpstreamError) -> (head: ResponseHead, exchange: UpstreamExchange) {
        guard let pool = pool() else { throw .exhausted }
        let exchange = UpstreamExchange(
            request,
            origin: Origin(request, reach: reach),
            timeouts: timeouts,
            window: window,
            on: pool.loop
        )
        if pool.loop.inEventLoop {
            pool.start(exchange)
        } else {
            pool.loop.execute { pool.start(exchange) }
        }
        return (try await exchange.response(), exchange)
    }

    /// The loop that the caller is on, where it is one of ours.
    var loop: any EventLoop {
        pool()?.loop ?? group.next()
    }

    private func pool() -> LoopPool? {
        if let current = MultiThreadedEventLoopGroup.currentEventLoop, let pool = pools[ObjectIdentifier(current)] {
            return pool
        }
        return pools[ObjectIdentifier(group.next())]
    }

    /// Closes all connections; exchanges under way end as cut.
    package func shutDown() {
        for pool in pools.values { pool.loop.execute { pool.shutDown() } }
    }
}
