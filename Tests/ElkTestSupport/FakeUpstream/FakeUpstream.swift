import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A provider on loopback that answers by a script and remembers what it was asked.
///
/// Speaks plain HTTP/1.1 with keep-alive. What it sends are the script's bytes and nothing else, so that it can be wrong in
/// every way a provider can. Stop it when done.
package final class FakeUpstream: Sendable {
    struct Record {
        var requests: [FakeRequest] = []
        var connections = 0
        var abandoned = 0
        var bytesWritten = 0
    }

    package let port: Int
    private let channel: any Channel
    private let recording: Recording

    private init(channel: any Channel, recording: Recording) {
        (self.channel, self.recording) = (channel, recording)
        port = channel.localAddress?.port ?? 0
    }

    /// - Parameter script: what to answer to each request; called on an event loop.
    package static func start(
        _ script: @escaping @Sendable (FakeRequest) -> FakeAnswer
    ) async throws -> FakeUpstream {
        let recording = Recording()
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.backlog, value: 1024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .forwardBytes)),
                        FakeConnection(number: recording.connected(), recording: recording, script: script)
                    )
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return FakeUpstream(channel: channel, recording: recording)
    }

    /// Runs `body` beside an upstream and stops it afterwards.
    package static func with<Value>(
        _ script: @escaping @Sendable (FakeRequest) -> FakeAnswer,
        _ body: (FakeUpstream) async throws -> Value
    ) async throws -> Value {
        let upstream = try await start(script)
        do {
            let value = try await body(upstream)
            await upstream.stop()
            return value
        } catch {
            await upstream.stop()
            throw error
        }
    }

    package var url: String { "http://127.0.0.1:\(port)" }
    package var requests: [FakeRequest] { recording.state.withLock { $0.requests } }
    /// Connections ever accepted.
    package var connections: Int { recording.state.withLock { $0.connections } }
    /// Connections that the other side closed in the middle of an answer.
    package var abandoned: Int { recording.state.withLock { $0.abandoned } }
    /// Bytes that the kernel has taken.
    package var bytesWritten: Int { recording.state.withLock { $0.bytesWritten } }

    package func stop() async { try? await channel.close() }

    /// Waits until `condition` holds, for at most half a minute.
    package func wait(until condition: (FakeUpstream) -> Bool) async -> Bool {
        for _ in 0..<6000 {
            if condition(self) { return true }
            try? await Task.sleep(for: .milliseconds(5))
        }
        return condition(self)
    }
}

/// What an upstream has seen, written on its event loops and read by tests.
final class Recording: Sendable {
    let state = Mutex(FakeUpstream.Record())

    func connected() -> Int {
        state.withLock { state in
            state.connections += 1
            return state.connections
        }
    }
}
