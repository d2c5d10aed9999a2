import ElkGateway

/// A session that a provider holds.
struct RelayedSession: WebSocketSession {
    let relay: RealtimeRelay

    var maxMessageBytes: Int { RealtimeRelay.maxMessageBytes }

    func run(on socket: WebSocket) async { await relay.run(on: socket) }
}
