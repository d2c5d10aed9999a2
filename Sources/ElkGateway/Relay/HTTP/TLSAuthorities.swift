import NIOSSL
import Synchronization

/// The one TLS context of all connections to providers: certificates and host names are checked, HTTP/1.1 is spoken.
///
/// Made at the first secure connection, because the system's authorities cost megabytes.
final class TLSAuthorities: Sendable {
    private let extra: String?
    private let made = Mutex<NIOSSLContext?>(nil)

    init(extra: String?) { self.extra = extra }

    func context() throws -> NIOSSLContext {
        try made.withLock { made in
            if let made { return made }
            var configuration = TLSConfiguration.makeClientConfiguration()
            configuration.minimumTLSVersion = .tlsv12
            configuration.applicationProtocols = ["http/1.1"]
            if let extra {
                configuration.additionalTrustRoots = [.certificates(try NIOSSLCertificate.fromPEMFile(extra))]
            }
            let context = try NIOSSLContext(configuration: configuration)
            made = context
            return context
        }
    }
}
