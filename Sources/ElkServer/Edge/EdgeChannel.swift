import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes

/// One client connection: HTTP/1.1, whose tasks run on the event loop that owns its socket.
struct EdgeChannel: ServerChildChannel {
    typealias Value = HTTP1Channel.Value

    private let configuration: HTTP1Channel.Configuration
    private let edge: Edge

    init(configuration: ServerConfiguration, edge: Edge) {
        self.edge = edge
        self.configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: [ClientPresenceHandler(), LingeringCloseHandler(), ProtocolRefusalHandler()],
            idleTimeout: .seconds(Int64(configuration.idleSeconds)),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: 16 << 10,
                maxHeaderListSize: 64 << 10,
                maxHeaderFieldCount: 100
            )
        )
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        // Small pieces of an answer must not wait until the client has acknowledged those before.
        channel.setOption(.tcpOption(.tcp_nodelay), value: 1).flatMap {
            HTTP1Channel(responder: { _, _, _ in }, configuration: configuration)
                .setup(channel: channel, logger: logger)
        }
    }

    func handle(value: Value, logger: Logger) async {
        let loop = value.channel.eventLoop
        await withTaskExecutorPreference(EventLoopExecutor.of(loop)) {
            let presence = try? await loop.submit {
                try value.channel.pipeline.syncOperations.handler(type: ClientPresenceHandler.self).presence
            }.get()
            let connection = Connection(channel: value.channel, presence: presence ?? .gone)
            let http = HTTP1Channel(
                responder: { [edge] request, writer, _ in try await edge.respond(to: request, writer, on: connection) },
                configuration: configuration
            )
            await withTaskGroup { group in
                group.addTask { await http.handle(value: value, logger: logger) }
                group.addTask { await connection.presence.untilAbandoned() }
                await group.next()
                group.cancelAll()
            }
        }
    }
}
