import NIOCore

/// The connections of one event loop, by origin.
///
/// Lives on that loop only, which is why `@unchecked Sendable` holds.
final class LoopPool: @unchecked Sendable {
    private struct Bucket {
        /// Last used last, and taken first, so that those too many grow old.
        var idle: [UpstreamConnection] = []
        /// Idle, busy and connecting.
        var open = 0
        var waiting: CircularBuffer<UpstreamExchange> = []
    }

    let loop: any EventLoop
    private let configuration: UpstreamConfiguration
    private let connector: Connector
    /// Connections to one origin on this loop.
    private let limit: Int
    private var buckets: [Origin: Bucket] = [:]
    private var connections: [ObjectIdentifier: UpstreamConnection] = [:]
    /// Exchanges that wait for a connection, a new or a free one.
    private var pending: [ObjectIdentifier: UpstreamExchange] = [:]
    private var ticker: RepeatedTask?
    private var isShutDown = false

    init(loop: any EventLoop, loops: Int, configuration: UpstreamConfiguration, connector: Connector) {
        (self.loop, self.configuration, self.connector) = (loop, configuration, connector)
        limit = max(1, configuration.connectionsPerHost / loops)
    }

    /// Sends the exchange's request on a kept connection, or a new one, or as soon as one is free.
    func start(_ exchange: UpstreamExchange, onFreshConnection: Bool = false) {
        guard !exchange.isOver else { return }
        let origin = exchange.origin
        if !onFreshConnection {
            while let connection = buckets[origin]?.idle.popLast() {
                if connection.isUsable { return connection.begin(exchange) }
            }
        }
        keepTicking()
        var bucket = buckets[origin] ?? Bucket()
        if bucket.open < limit || onFreshConnection {
            bucket.open += 1
            buckets[origin] = bucket
            pending[ObjectIdentifier(exchange)] = exchange
            connect(exchange)
        } else if bucket.waiting.count < limit {
            bucket.waiting.append(exchange)
            buckets[origin] = bucket
            pending[ObjectIdentifier(exchange)] = exchange
        } else {
            exchange.fail(.exhausted)
        }
    }

    private func connect(_ exchange: UpstreamExchange) {
        let (origin, loop, limits) = (exchange.origin, loop, connector.limits)
        connector.connect(to: origin, within: exchange.timeouts.connect, on: loop) { channel in
            let connection = UpstreamConnection(origin: origin, pool: self, limits: limits)
            try channel.pipeline.syncOperations.addHandler(connection)
        }.flatMapThrowing { channel in
            let handler = try channel.pipeline.syncOperations.handler(type: UpstreamConnection.self)
            return NIOLoopBound(handler, eventLoop: loop)
        }.whenComplete { result in
            self.pending[ObjectIdentifier(exchange)] = nil
            switch result {
            case .success(let connection):
                self.connections[ObjectIdentifier(connection.value)] = connection.value
                guard !self.isShutDown else { return connection.value.close() }
                if exchange.isOver { self.release(connection.value) } else { connection.value.begin(exchange) }
            case .failure(let error):
                self.buckets[origin]?.open -= 1
                exchange.fail(error as? UpstreamError ?? .unreachable("\(error)"))
                self.serveWaiting(origin)
            }
        }
    }

    /// The connection has served its exchange and can serve another.
    func release(_ connection: UpstreamConnection) {
        guard connection.isUsable, !isShutDown else { return connection.close() }
        while let next = buckets[connection.origin]?.waiting.popFirst() {
            pending[ObjectIdentifier(next)] = nil
            if !next.isOver { return connection.begin(next) }
        }
        connection.idleUntil = .now() + configuration.keepAlive
        buckets[connection.origin]?.idle.append(connection)
        connection.readIfWanted()
    }

    func closed(_ connection: UpstreamConnection) {
        guard connections.removeValue(forKey: ObjectIdentifier(connection)) != nil else { return }
        let origin = connection.origin
        buckets[origin]?.open -= 1
        if let index = buckets[origin]?.idle.lastIndex(where: { $0 === connection }) {
            buckets[origin]?.idle.remove(at: index)
        }
        serveWaiting(origin)
    }

    private func serveWaiting(_ origin: Origin) {
        while let bucket = buckets[origin], bucket.open < limit, let next = buckets[origin]?.waiting.popFirst() {
            pending[ObjectIdentifier(next)] = nil
            if !next.isOver { return start(next) }
        }
        if let bucket = buckets[origin], bucket.open == 0, bucket.waiting.isEmpty { buckets[origin] = nil }
    }

    /// Closes everything; what runs is cut.
    func shutDown() {
        isShutDown = true
        for exchange in pending.values { exchange.cancel() }
        for connection in connections.values { connection.close() }
    }

    private func keepTicking() {
        guard ticker == nil else { return }
        ticker = loop.scheduleRepeatedTask(initialDelay: configuration.tick, delay: configuration.tick) {
            [weak self] task in
            guard let self else { return task.cancel() }
            self.tick(.now())
            if self.connections.isEmpty, self.pending.isEmpty {
                task.cancel()
                self.ticker = nil
            }
        }
    }

    private func tick(_ now: NIODeadline) {
        for exchange in pending.values { exchange.tick(now) }
        for connection in connections.values {
            if let exchange = connection.exchange {
                exchange.tick(now)
            } else if connection.idleUntil <= now {
                connection.close()
            }
        }
    }
}
