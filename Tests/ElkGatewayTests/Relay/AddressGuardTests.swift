import ElkProviders
import ElkTestSupport
import NIOCore
import NIOPosix
import Synchronization
import Testing

@testable import ElkGateway

@Suite(.timeLimit(.minutes(3))) struct AddressGuardTests {
    @Test(arguments: [
        "0.0.0.0", "0.1.2.3", "10.1.2.3", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.7", "192.88.99.1", "192.168.1.1", "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1", "203.0.113.9", "224.0.0.1", "239.255.255.255", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::", "2002:a00:1::",
        "fc00::1",
        "fd12:3456::1", "fe80::1", "fec0::1", "ff02::1",
    ])
    func `refuses what is not public`(text: String) throws {
        #expect(AddressGuard.refusal(of: try SocketAddress(ipAddress: text, port: 443)) != nil)
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "100.63.255.255", "100.128.0.1", "172.15.0.1", "172.32.0.1", "192.0.1.1", "198.17.0.1",
        "223.255.255.255",
        "2606:4700::1111", "2a00:1450:4001::1", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1",
    ])
    func `lets public addresses pass`(text: String) throws {
        #expect(AddressGuard.refusal(of: try SocketAddress(ipAddress: text, port: 443)) == nil)
    }

    @Test(arguments: [
        "localhost", "LOCALHOST", "localhost.", "a.localhost", "printer.local", "metadata.google.internal", "metadata",
        "db.lan",
        "2130706433", "0x7f000001", "0x7f.1", "0177.0.0.1", "127.1", "127.0.1", "127.0.0.1.", "1.2.3.4.5", "[::1]",
        "fe80::1%eth0",
        "a b.com", "a%2eb.com", "ex\u{430}mple.com", "", ".",
    ])
    func `refuses names of the inside and odd spellings of addresses`(name: String) {
        // Those that are plain addresses to the system's parser are refused by their address.
        if let literal = AddressResolver.literal(name, port: 443) {
            #expect(AddressGuard.refusal(of: literal) != nil)
        } else {
            #expect(AddressGuard.refusal(ofName: name, port: 443) != nil)
        }
    }

    @Test func `only the ports of the web`() {
        #expect(AddressGuard.refusal(ofName: "example.com", port: 443) == nil)
        #expect(AddressGuard.refusal(ofName: "example.com", port: 8443) == nil)
        for port in [22, 25, 3306, 6379, 8005, 0, 65536] {
            #expect(AddressGuard.refusal(ofName: "example.com", port: port) != nil)
        }
    }

    @Test func `a name is looked up once, and every address of it is checked`() async throws {
        // A rebinding server: public at first, this machine ever after.
        let lookups = Mutex(0)
        let resolver = AddressResolver { _, port, loop in
            let count = lookups.withLock { count in
                count += 1
                return count
            }
            // 192.0.0.0/24 is never reachable; as "public" stands an address that nobody answers at.
            return loop.makeCompletedFuture {
                [try SocketAddress(ipAddress: count == 1 ? "255.255.255.254" : "127.0.0.1", port: port)]
            }
        }
        let upstream = HTTPUpstream(configuration: .quick, resolver: resolver)
        await #expect(throws: UpstreamError.self) {
            _ = try await upstream.send(
                .get("rebinding.example"),
                reach: .publicOnly,
                timeouts: .init(connect: .milliseconds(200))
            )
        }
        #expect(lookups.withLock { $0 } == 1)
    }

    @Test func `one private address among public ones refuses them all`() async throws {
        let resolver = AddressResolver { _, port, loop in
            loop.makeCompletedFuture {
                [
                    try SocketAddress(ipAddress: "8.8.8.8", port: port),
                    try SocketAddress(ipAddress: "::ffff:10.0.0.1", port: port),
                ]
            }
        }
        let upstream = HTTPUpstream(configuration: .quick, resolver: resolver)
        await #expect(throws: UpstreamError.refused("a private network")) {
            _ = try await upstream.send(.get("mixed.example"), reach: .publicOnly)
        }
    }

    @Test func `nothing is connected to when a name leads inside`() async throws {
        try await FakeUpstream.with { _ in
            .whole("{}")
        } _: { fake async throws in
            let resolver = AddressResolver { _, _, loop in
                loop.makeCompletedFuture { [try SocketAddress(ipAddress: "127.0.0.1", port: fake.port)] }
            }
            let upstream = HTTPUpstream(configuration: .quick, resolver: resolver)
            await #expect(throws: UpstreamError.refused("this machine")) {
                _ = try await upstream.send(.get("evil.example"), reach: .publicOnly)
            }
            for host in ["127.0.0.1", "::1", "::ffff:127.0.0.1"] {
                await #expect(throws: UpstreamError.self) {
                    _ = try await upstream.send(.get(host, port: 8080), reach: .publicOnly)
                }
            }
            #expect(fake.connections == 0)
        }
    }

    @Test func `the operator's own address may be this machine, and its connection serves nobody else`() async throws {
        try await FakeUpstream.with { _ in
            .whole("{}")
        } _: { fake async throws in
            let upstream = HTTPUpstream(configuration: .quick)
            let (head, body) = try await upstream.send(.get("127.0.0.1", port: fake.port), reach: .operatorSet)
            #expect(head.status == 200)
            while case .bytes = await body.next() {}
            await #expect(throws: UpstreamError.self) {
                _ = try await upstream.send(.get("127.0.0.1", port: fake.port), reach: .publicOnly)
            }
            #expect(fake.requests.count == 1)
        }
    }
}

extension UpstreamRequest {
    static func get(_ host: String, port: Int = 443, path: String = "/") -> UpstreamRequest {
        UpstreamRequest(
            method: .get,
            isSecure: false,
            host: host,
            port: port,
            path: path,
            headers: [],
            body: ByteBuffer()
        )
    }
}
