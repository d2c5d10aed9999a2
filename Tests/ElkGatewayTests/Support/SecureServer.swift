import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

/// A server on loopback that speaks TLS and answers every request with `ok`, under a certificate for `provider.test` and
/// 127.0.0.1 that only those who trust it by name accept.
final class SecureServer: Sendable {
    let port: Int
    private let channel: any Channel

    private init(_ channel: any Channel) {
        self.channel = channel
        port = channel.localAddress?.port ?? 0
    }

    static func start() async throws -> SecureServer {
        let certificates = try NIOSSLCertificate.fromPEMBytes(Array(certificate.utf8)).map {
            NIOSSLCertificateSource.certificate($0)
        }
        let key = try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)
        let context = try NIOSSLContext(
            configuration: .makeServerConfiguration(certificateChain: certificates, privateKey: .privateKey(key))
        )
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Answering())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        return SecureServer(channel)
    }

    func stop() async { try? await channel.close() }

    private final class Answering: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            guard case .end = unwrapInboundIn(data) else { return }
            let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: ["content-length": "2"])
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "ok")))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }

        func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }
    }

    static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBnTCCAUOgAwIBAgIUVEGbSuGdshATxLp5EjZGM+XbIxIwCgYIKoZIzj0EAwIw
        EzERMA8GA1UEAwwIZWxrIHRlc3QwIBcNMjYxMTI2MDkxMTMzWhgPMjEyNjExMDIw
        OTExMzNaMBMxETAPBgNVBAMMCGVsayB0ZXN0MFkwEwYHKoZIzj0CAQYIKoZIzj0D
        AQcDQgAEK6OB1aSuwugcvP/XbeksO5z67PEunx+V4MqZkYCfJkHjST2wRRIervVm
        HtA/axrsJYPIqq6E+4kjLxAxETUho6NzMHEwHQYDVR0OBBYEFG1pAIS/XNbc/bot
        S4/pb5YF8eicMB8GA1UdIwQYMBaAFG1pAIS/XNbc/botS4/pb5YF8eicMA8GA1Ud
        EwEB/wQFMAMBAf8wHgYDVR0RBBcwFYINcHJvdmlkZXIudGVzdIcEfwAAATAKBggq
        hkjOPQQDAgNIADBFAiEA35J4HygPYl7oOoWvJcuIvHQZou8FjuBrQg9TdP8Lzm0C
        ID2ebYlMqAQ7e9z79yWWUL8rmjbbCsRYJutSsBk9h0S+
        -----END CERTIFICATE-----
        """

    /// Made for this file; it opens nothing.
    static let key = """
        -----BEGIN PRIVATE KEY-----
        MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg4vCb2NuJYGOk/1eT
        db5yK3udggJSHbcwBYz5PebTfP6hRANCAAQro4HVpK7C6By8/9dt6Sw7nPrs8S6f
        H5XgypmRgJ8mQeNJPbBFEh6u9WYe0D9rGuwlg8iqroT7iSMvEDERNSGj
        -----END PRIVATE KEY-----
        """
}
