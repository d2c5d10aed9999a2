package import ElkGateway
package import NIOCore
import NIOPosix
import Synchronization

/// A provider of realtime models on loopback: agrees to sessions or refuses them, and answers events by a script.
///
/// What it says beyond the handshake are the script's frames and nothing else, its answer to a close apart. Stop it when done.
package final class FakeRealtime: Sendable {
    package enum Greeting: Sendable {
        /// Agrees, and sends these events in the same write.
        case agree([String])
        /// Sends these bytes instead; the connection stays open.
        case bytes(String)
        /// Refuses with a JSON body.
        case refuse(status: Int, String)
        case silence
    }

    package typealias Script = @Sendable (_ event: String, FakeRealtimeSession) -> Void

    private struct State {
        var sessions: [FakeRealtimeSession] = []
        var heads: [String] = []
    }

    package let port: Int
    private let channel: any NIOCore.Channel
    private let state: SharedState

    private final class SharedState: Sendable {
        let value = Mutex(State())
    }

    private init(_ channel: any NIOCore.Channel, _ state: SharedState) {
        (self.channel, self.state) = (channel, state)
        port = channel.localAddress?.port ?? 0
    }

    /// Runs `body` beside a provider and stops it afterwards.
    ///
    /// - Parameter setUp: puts handlers in front of a connection, such as TLS.
    package static func with<Value>(
        setUp: @escaping @Sendable (any NIOCore.Channel) throws -> Void = { _ in },
        greeting: @escaping @Sendable (_ head: String) -> Greeting = { _ in .agree([]) },
        answering script: @escaping Script = { _, _ in },
        _ body: (FakeRealtime) async throws -> Value
    ) async throws -> Value {
        let state = SharedState()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try setUp(channel)
                    let connection = FakeRealtimeConnection(
                        greeting: { head in
                            state.value.withLock { $0.heads.append(head) }
                            return greeting(head)
                        },
                        script: script,
                        began: { session in state.value.withLock { $0.sessions.append(session) } }
                    )
                    try channel.pipeline.syncOperations.addHandler(connection)
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let provider = FakeRealtime(channel, state)
        do {
            let value = try await body(provider)
            try? await channel.close()
            return value
        } catch {
            try? await channel.close()
            throw error
        }
    }

    package var url: String { "http://127.0.0.1:\(port)" }
    package var sessions: [FakeRealtimeSession] { state.value.withLock { $0.sessions } }
    /// Heads of all requests.
    package var heads: [String] { state.value.withLock { $0.heads } }

    /// Waits until `condition` holds, for at most half a minute.
    package func wait(until condition: (FakeRealtime) -> Bool) async -> Bool {
        for _ in 0..<6000 {
            if condition(self) { return true }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return condition(self)
    }
}

/// One session at the scripted provider.
package final class FakeRealtimeSession: Sendable {
    struct State {
        var texts: [String] = []
        var closing: WebSocketClosing?
        var isOver = false
        var taken = 0
    }

    let state = Mutex(State())
    private let channel: any NIOCore.Channel

    init(_ channel: any NIOCore.Channel) { self.channel = channel }

    /// What the other side sent, in order.
    package var texts: [String] { state.withLock { $0.texts } }
    /// How the other side closed, if it did.
    package var closing: WebSocketClosing? { state.withLock { $0.closing } }
    /// The connection is gone.
    package var isOver: Bool { state.withLock { $0.isOver } }

    package func send(_ text: String) {
        send(raw: WebSocketWriter.frame(.text, ByteBuffer(string: text), mask: nil))
    }

    /// Frames that the kernel has taken.
    package var taken: Int { state.withLock { $0.taken } }

    package func send(raw bytes: ByteBuffer) {
        channel.writeAndFlush(bytes).whenSuccess { self.state.withLock { $0.taken += 1 } }
    }

    package func close(_ code: WebSocketCode, _ reason: String = "") {
        let payload = WebSocketWriter.payload(of: WebSocketClosing(code, reason))
        send(raw: WebSocketWriter.frame(.close, payload, mask: nil))
    }

    /// Ends the connection without a word.
    package func cut() { channel.close(promise: nil) }
}

private final class FakeRealtimeConnection: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let greeting: (String) -> FakeRealtime.Greeting
    private let script: FakeRealtime.Script
    private let began: (FakeRealtimeSession) -> Void
    private var input = ByteBuffer()
    private var reader = WebSocketReader(expectsMask: true, maxMessageBytes: 64 << 20)
    private var session: FakeRealtimeSession?

    init(
        greeting: @escaping (String) -> FakeRealtime.Greeting,
        script: @escaping FakeRealtime.Script,
        began: @escaping (FakeRealtimeSession) -> Void
    ) {
        (self.greeting, self.script, self.began) = (greeting, script, began)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        input.writeImmutableBuffer(unwrapInboundIn(data))
        if session == nil { greet(context) }
        guard let session else { return }
        while let event = try? reader.next(&input) {
            switch event {
            case .message(.text(let text)):
                let text = String(buffer: text)
                session.state.withLock { $0.texts.append(text) }
                script(text, session)
            case .close(let closing):
                session.state.withLock { $0.closing = closing }
                let answer = closing.map(WebSocketWriter.payload(of:)) ?? ByteBuffer()
                session.send(raw: WebSocketWriter.frame(.close, answer, mask: nil))
                session.cut()
            case .ping(let data): session.send(raw: WebSocketWriter.frame(.pong, data, mask: nil))
            case .message, .pong: break
            }
        }
    }

    private func greet(_ context: ChannelHandlerContext) {
        // Nothing may follow the head before it is answered.
        guard String(buffer: input).utf8.suffix(4).elementsEqual("\r\n\r\n".utf8) else { return }
        let head = String(buffer: input)
        input.clear()
        switch greeting(head) {
        case .agree(let events):
            let lines = head.split(whereSeparator: \.isNewline)
            let key = lines.first { $0.hasPrefix("sec-websocket-key: ") }?.dropFirst(19) ?? ""
            var answer = ByteBuffer(
                string: "HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: WebSocket\r\n"
                    + "Sec-WebSocket-Accept: \(WebSocketKey.accept(String(key)))\r\n\r\n"
            )
            for event in events {
                answer.writeImmutableBuffer(WebSocketWriter.frame(.text, ByteBuffer(string: event), mask: nil))
            }
            let session = FakeRealtimeSession(context.channel)
            self.session = session
            began(session)
            context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        case .bytes(let text):
            context.writeAndFlush(wrapOutboundOut(ByteBuffer(string: text)), promise: nil)
        case .refuse(let status, let body):
            let headers = "content-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n"
            let answer = ByteBuffer(string: "HTTP/1.1 \(status) No\r\n\(headers)\r\n\(body)")
            context.writeAndFlush(wrapOutboundOut(answer), promise: nil)
        case .silence: break
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        session?.state.withLock { $0.isOver = true }
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
}
