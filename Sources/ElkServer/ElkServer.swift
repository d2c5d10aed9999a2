import ElkWire
import HTTPTypes
package import Hummingbird
import HummingbirdCore
package import Logging
import NIOCore
package import ServiceLifecycle
package import UnixSignals

/// Puts the server together: what `elk serve` runs and what tests run.
///
/// - Parameter onListening: called with the port once connections are accepted.
/// - Throws: `ServerConfigurationError` when the configuration cannot be served.
package func buildServer(
    configuration: ServerConfiguration,
    transcriber: any Transcriber,
    logger: Logger,
    onListening: @escaping @Sendable (Int) async -> Void = { _ in }
) throws -> some ApplicationProtocol {
    try configuration.validate()
    let router = Router(context: ServerContext.self)
    router.add(middleware: RequestFrame())
    router.add(middleware: Authorization(keys: configuration.apiKeys))

    let models = ModelRoutes(transcriber: transcriber)
    let speech = SpeechRoutes(
        configuration: configuration,
        transcriber: transcriber,
        places: SpeechPlaces(configuration.maxSpeechRequests)
    )
    router.serve("/health", .get) { _, _ in Response(json: ByteBuffer(string: #"{"status":"ok"}"#)) }
    router.serve("/v1/models", .get, models.list)
    router.serve("/v1/models/**", .get, models.show)
    router.serve("/v1/audio/transcriptions", .post, speech.transcribe)
    router.serve("/v1/audio/translations", .post, speech.translate)

    return Application(
        router: router,
        server: .http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [ClientPresenceHandler(), LingeringCloseHandler()],
                idleTimeout: .seconds(Int64(configuration.idleSeconds)),
                httpDecoderConfiguration: .init(
                    maxHeaderFieldSize: 16 << 10,
                    maxHeaderListSize: 64 << 10,
                    maxHeaderFieldCount: 100
                )
            )
        ),
        configuration: ApplicationConfiguration(
            address: .hostname(configuration.host, port: configuration.port),
            serverName: "elk",
            availableConnectionsDelegate: .maximum(configuration.maxConnections, logger: logger)
        ),
        onServerRunning: { channel in await onListening(channel.localAddress?.port ?? configuration.port) },
        logger: logger
    )
}

/// Runs `server` until it is told to stop, by one of `signals` or by the group; what runs then may finish in the
/// configured time.
package func serviceGroup(
    running server: some ApplicationProtocol,
    configuration: ServerConfiguration,
    logger: Logger,
    signals: [UnixSignal] = [.sigterm, .sigint]
) -> ServiceGroup {
    var group = ServiceGroupConfiguration(services: [server], gracefulShutdownSignals: signals, logger: logger)
    group.maximumGracefulShutdownDuration = .seconds(configuration.graceSeconds)
    return ServiceGroup(configuration: group)
}

extension Router where Context == ServerContext {
    /// Serves `path` with one method, and says so to all others.
    ///
    /// `HEAD` goes with `GET`.
    fileprivate func serve(
        _ path: RouterPath,
        _ method: HTTPRequest.Method,
        _ route: @escaping @Sendable (Request, ServerContext) async throws -> Response
    ) {
        let methods = method == .get ? [.get, .head] : [method]
        for method in methods { on(path, method: method, use: route) }
        let others: [HTTPRequest.Method] = [.get, .head, .post, .put, .patch, .delete, .options]
        for other in others where !methods.contains(other) {
            on(path, method: other) { request, _ in
                var response = Response(.methodNotAllowed(request))
                response.headers[.allow] = methods.map(\.rawValue).joined(separator: ", ")
                return response
            }
        }
    }
}
