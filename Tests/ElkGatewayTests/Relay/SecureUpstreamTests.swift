import ElkProviders
import ElkTestSupport
import Foundation
import NIOCore
import Testing

@testable import ElkGateway

@Suite(.timeLimit(.minutes(3))) struct SecureUpstreamTests {
    /// Asks the server by that name; every name leads to loopback.
    static func ask(_ server: SecureServer, as host: String, trusted: Bool = true) async throws -> String {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("elk-\(UUID().uuidString).pem")
        try SecureServer.certificate.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        var configuration = UpstreamConfiguration.quick
        if trusted { configuration.extraAuthorities = file.path }
        let resolver = AddressResolver { _, port, loop in
            loop.makeCompletedFuture { [try SocketAddress(ipAddress: "127.0.0.1", port: port)] }
        }
        let upstream = HTTPUpstream(group: OneLoop.group, configuration: configuration, resolver: resolver)
        var request = UpstreamRequest.get(host, port: server.port)
        request.isSecure = true
        let (_, body) = try await upstream.send(request, reach: .operatorSet, timeouts: .patient)
        let text = try await HTTPUpstreamTests.text(body)
        // And once more on the connection that was kept.
        let (head, second) = try await upstream.send(request, reach: .operatorSet, timeouts: .patient)
        #expect(head.status == 200)
        #expect(try await HTTPUpstreamTests.text(second) == text)
        return text
    }

    @Test(arguments: ["provider.test", "127.0.0.1"]) func `a provider is trusted by its certificate and name`(
        host: String
    ) async throws {
        let server = try await SecureServer.start()
        #expect(try await Self.ask(server, as: host) == "ok")
        await server.stop()
    }

    @Test func `another name's certificate is none`() async throws {
        let server = try await SecureServer.start()
        let error = await #expect(throws: UpstreamError.self) { try await Self.ask(server, as: "other.test") }
        #expect(error?.isBeforeSending == true)
        await server.stop()
    }

    @Test func `a certificate that nobody vouches for is none`() async throws {
        let server = try await SecureServer.start()
        let error = await #expect(throws: UpstreamError.self) {
            try await Self.ask(server, as: "provider.test", trusted: false)
        }
        guard case .insecure = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        await server.stop()
    }

    @Test func `a server that speaks no TLS is no secure provider`() async throws {
        try await FakeUpstream.with({ _ in .raw("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n") }) {
            fake async throws in
            var request = UpstreamRequest.get("127.0.0.1", port: fake.port)
            request.isSecure = true
            let upstream = HTTPUpstream(configuration: .quick)
            let asked = request
            let error = await #expect(throws: UpstreamError.self) {
                _ = try await upstream.send(asked, reach: .operatorSet, timeouts: .init(connect: .seconds(2)))
            }
            #expect(error?.isBeforeSending == true)
            #expect(fake.requests.isEmpty)
        }
    }
}

@Suite struct HostIdentityTests {
    @Test(arguments: [
        ("api.openai.com", "api.openai.com"), ("API.OpenAI.com", "api.openai.com."), ("a.example.com", "*.example.com"),
        ("a.example.com.", "*.EXAMPLE.com"),
    ])
    func `names that match`(host: String, pattern: String) {
        #expect(HostIdentity.matches(host, pattern))
    }

    @Test(arguments: [
        ("api.openai.com", "openai.com"), ("openai.com", "*.openai.com"), ("a.b.example.com", "*.example.com"),
        ("example.com", "*"),
        ("a.example.com", "a*.example.com"), (".example.com", "*.example.com"), ("", ""), ("com", "*.com"),
        ("a.com", "*.*"),
    ])
    func `names that do not`(host: String, pattern: String) {
        #expect(!HostIdentity.matches(host, pattern))
    }
}
