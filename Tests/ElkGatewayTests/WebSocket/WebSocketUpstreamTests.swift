import ElkProviders
import ElkTestSupport
import Foundation
import NIOCore
import NIOSSL
import Testing

@testable import ElkGateway

/// The client for sessions, against a scripted server on loopback.
@Suite(.timeLimit(.minutes(3))) struct WebSocketUpstreamTests {
    private static func open(
        _ server: FakeRealtime,
        _ upstream: HTTPUpstream = HTTPUpstream(configuration: .quick),
        reach: Reach = .operatorSet
    ) async throws -> WebSocket {
        let request = UpstreamRequest.get("127.0.0.1", port: server.port)
        let answer = try await upstream.upgrade(request, reach: reach, timeouts: .patient, maxMessageBytes: 4 << 20)
        guard case .open(let socket) = answer else { throw UpstreamError.cut }
        return socket
    }

    private static func text(_ socket: WebSocket) async -> String? {
        guard case .text(let text) = await socket.inbox.next() else { return nil }
        return String(buffer: text)
    }

    @Test func `what comes with the handshake and after it is read, what is sent arrives`() async throws {
        try await FakeRealtime.with(
            greeting: { _ in .agree(["first", "second"]) },
            answering: { text, session in session.send("got \(text.utf8.count)") }
        ) { server async throws in
            let socket = try await Self.open(server)
            #expect(await Self.text(socket) == "first")
            #expect(await Self.text(socket) == "second")
            for length in [0, 1, 125, 126, 65_535, 65_536, 3_000_000] {
                try await socket.send(ByteBuffer(string: String(repeating: "x", count: length)))
                #expect(await Self.text(socket) == "got \(length)")
            }
            await socket.end()
            #expect(await server.wait { $0.sessions.first?.isOver == true })
            #expect(server.sessions.first?.closing?.code == .normalClosure)
        }
    }

    @Test func `a slow reader slows the server`() async throws {
        let frame = WebSocketWriter.frame(.binary, ByteBuffer(repeating: 7, count: 1 << 20), mask: nil)
        try await FakeRealtime.with { server async throws in
            let socket = try await Self.open(server)
            let session = try #require(server.sessions.first)
            for _ in 0..<40 { session.send(raw: frame) }
            for _ in 0..<6_000 where !socket.inbox.isFull { try await Task.sleep(for: .milliseconds(5)) }
            try await Task.sleep(for: .milliseconds(200))
            // What waits here and in the kernel's buffers is a few of them.
            #expect(session.taken < 25)
            for _ in 0..<40 {
                guard case .binary(let data) = await socket.inbox.next() else {
                    Issue.record("a message is lost")
                    break
                }
                #expect(data.readableBytes == 1 << 20)
            }
            #expect(await server.wait { $0.sessions.first?.taken == 40 })
            await socket.end()
        }
    }

    @Test func `the same guard as for requests`() async throws {
        try await FakeRealtime.with { server async throws in
            await #expect(throws: UpstreamError.self) { _ = try await Self.open(server, reach: .publicOnly) }
            #expect(server.heads.isEmpty)
            var request = UpstreamRequest.get("127.0.0.1", port: server.port)
            request.headers = [("sec-websocket-extensions", "permessage-deflate")]
            let refused = request
            await #expect(throws: UpstreamError.self) {
                _ = try await HTTPUpstream().upgrade(refused, reach: .operatorSet, maxMessageBytes: 1)
            }
            #expect(server.heads.isEmpty)
        }
    }

    @Test func `a redirect is an answer like any other`() async throws {
        try await FakeRealtime.with(
            greeting: { _ in .bytes("HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n")
            }
        ) { server async throws in
            let request = UpstreamRequest.get("127.0.0.1", port: server.port)
            let answer = try await HTTPUpstream().upgrade(request, reach: .operatorSet, maxMessageBytes: 1)
            guard case .refused(let head, _) = answer else {
                Issue.record("a redirect was taken for an agreement")
                return
            }
            #expect(head.status == 302)
        }
    }

    @Test func `silence ends in a timeout, and a task that is cancelled waits for nothing`() async throws {
        try await FakeRealtime.with(greeting: { _ in .silence }) { server async throws in
            let request = UpstreamRequest.get("127.0.0.1", port: server.port)
            let timeouts = UpstreamTimeouts(firstByte: .milliseconds(50))
            await #expect(throws: UpstreamError.firstByteTimeout) {
                _ = try await HTTPUpstream().upgrade(
                    request,
                    reach: .operatorSet,
                    timeouts: timeouts,
                    maxMessageBytes: 1
                )
            }
            let waiting = Task { try await Self.open(server) }
            #expect(await server.wait { $0.heads.count == 2 })
            waiting.cancel()
            await #expect(throws: UpstreamError.cancelled) { _ = try await waiting.value }
        }
    }

    @Test func `sessions go over TLS, under the name of the certificate`() async throws {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("elk-\(UUID().uuidString).pem")
        try SecureServer.certificate.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let certificates = try NIOSSLCertificate.fromPEMBytes(Array(SecureServer.certificate.utf8))
        let context = try NIOSSLContext(
            configuration: .makeServerConfiguration(
                certificateChain: certificates.map { .certificate($0) },
                privateKey: .privateKey(NIOSSLPrivateKey(bytes: Array(SecureServer.key.utf8), format: .pem))
            )
        )
        var configuration = UpstreamConfiguration.quick
        configuration.extraAuthorities = file.path
        let resolver = AddressResolver { _, port, loop in
            loop.makeCompletedFuture { [try SocketAddress(ipAddress: "127.0.0.1", port: port)] }
        }
        let upstream = HTTPUpstream(configuration: configuration, resolver: resolver)
        try await FakeRealtime.with(
            setUp: { try $0.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context)) },
            greeting: { _ in .agree(["hello"]) },
            answering: { text, session in session.send(text) }
        ) { server async throws in
            func ask(_ host: String) async throws -> HTTPUpstream.Upgrade {
                var request = UpstreamRequest.get(host, port: server.port)
                request.isSecure = true
                return try await upstream.upgrade(
                    request,
                    reach: .operatorSet,
                    timeouts: .patient,
                    maxMessageBytes: 4 << 20
                )
            }
            guard case .open(let socket) = try await ask("provider.test") else {
                Issue.record("refused")
                return
            }
            #expect(await Self.text(socket) == "hello")
            let long = String(repeating: "é", count: 500_000)
            try await socket.send(ByteBuffer(string: long))
            #expect(await Self.text(socket) == long)
            await socket.end()
            await #expect(throws: UpstreamError.self) { _ = try await ask("other.test") }
        }
    }
}
