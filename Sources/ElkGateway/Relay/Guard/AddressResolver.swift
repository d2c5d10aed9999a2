package import NIOCore
import NIOPosix

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Turns a host into addresses, once for each connection; what it answers is what is connected to.
package struct AddressResolver: Sendable {
    /// Looks a name up.
    ///
    /// Called only for what is not an address itself.
    private let lookUp: @Sendable (_ name: String, _ port: Int, any EventLoop) -> EventLoopFuture<[SocketAddress]>

    package init(
        _ lookUp: @escaping @Sendable (_ name: String, _ port: Int, any EventLoop) -> EventLoopFuture<[SocketAddress]>
    ) {
        self.lookUp = lookUp
    }

    /// The system's resolver, on threads of NIO's own: it blocks.
    package static let system = AddressResolver { name, port, loop in
        NIOThreadPool.singleton.runIfActive(eventLoop: loop) { try systemAddresses(of: name, port: port) }
    }

    func resolve(_ host: String, port: Int, on loop: any EventLoop) -> EventLoopFuture<[SocketAddress]> {
        if let address = Self.literal(host, port: port) { return loop.makeSucceededFuture([address]) }
        return lookUp(host, port, loop).flatMapErrorThrowing { error in
            throw error as? UpstreamError ?? UpstreamError.unresolved("\(error)")
        }
    }

    /// The address that the text spells in its ordinary form, nil for names and for odd spellings of addresses.
    static func literal(_ host: String, port: Int) -> SocketAddress? {
        // A zone would pick an interface of this machine.
        guard !host.utf8.contains(UInt8(ascii: "%")) else { return nil }
        return try? SocketAddress(ipAddress: host, port: port)
    }

    private static func systemAddresses(of name: String, port: Int) throws -> [SocketAddress] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_NUMERICSERV
        var found: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name, String(port), &hints, &found)
        guard code == 0 else { throw UpstreamError.unresolved(String(cString: gai_strerror(code))) }
        defer { freeaddrinfo(found) }
        var addresses: [SocketAddress] = []
        var next = found
        while let info = next {
            next = info.pointee.ai_next
            guard let raw = info.pointee.ai_addr else { continue }
            switch info.pointee.ai_family {
            case AF_INET:
                addresses.append(SocketAddress(UnsafeRawPointer(raw).loadUnaligned(as: sockaddr_in.self)))
            case AF_INET6:
                addresses.append(SocketAddress(UnsafeRawPointer(raw).loadUnaligned(as: sockaddr_in6.self)))
            default: continue
            }
        }
        return addresses
    }
}
