package import ElkGateway
package import ElkStorage
import HummingbirdCore
package import Logging
import NIOCore
import NIOPosix
package import ServiceLifecycle
package import UnixSignals

/// What the edge stands on.
package struct ServerParts: Sendable {
    package var gateway: Gateway
    package var transcriber: any Transcriber
    /// The local voices.
    package var synthesizer: (any Synthesizer)?
    package var store: Store
    package var archive: ResponseArchive
    package var background: BackgroundResponses
    package var jobs: AudioJobs
    package var administration: Administration
    /// Digest of the root credential; nil closes the admin API.
    package var rootDigest: KeyDigest?
    package var testChannel: ChannelTest.Run
    /// Lets the next request see what was changed in the database.
    package var reload: @Sendable () async -> Void = {}
    /// Has to be the one that the gateway's observer tells.
    package var openRequests: OpenRequests
    /// More numbers for `/metrics`.
    package var measurements: @Sendable () -> [MetricFamily] = { [] }

    package init(
        gateway: Gateway,
        transcriber: any Transcriber,
        store: Store,
        archive: ResponseArchive,
        background: BackgroundResponses,
        jobs: AudioJobs,
        administration: Administration,
        rootDigest: KeyDigest?,
        openRequests: OpenRequests,
        testChannel: @escaping ChannelTest.Run
    ) {
        self.gateway = gateway
        self.transcriber = transcriber
        self.store = store
        self.archive = archive
        self.background = background
        self.jobs = jobs
        self.administration = administration
        self.rootDigest = rootDigest
        self.openRequests = openRequests
        self.testChannel = testChannel
    }
}

/// Puts the server together: what `elk serve` runs and what tests run.
///
/// - Parameter onListening: called with the port once connections are accepted.
/// - Throws: `ServerConfigurationError` when the configuration cannot be served.
package func buildServer(
    configuration: ServerConfiguration,
    parts: ServerParts,
    logger: Logger,
    onListening: @escaping @Sendable (Int) async -> Void = { _ in }
) throws -> some Service {
    try configuration.validate()
    let metrics = Metrics()
    let reader = CallReader(maxBodyBytes: configuration.maxBodyBytes)
    let relay = RelayRoutes(gateway: parts.gateway, reader: reader)
    let admin = AdminRoutes(
        administration: parts.administration,
        rootDigest: parts.rootDigest,
        testChannel: parts.testChannel,
        starterPrices: ListPrices.all(created: parts.administration.time),
        reload: parts.reload
    )
    let ephemeralKeys = EphemeralKeys(store: parts.store, gateway: parts.gateway)
    let routes = Routes(
        gateway: parts.gateway,
        relay: relay,
        speech: SpeechRoutes(
            configuration: configuration,
            gateway: parts.gateway,
            transcriber: parts.transcriber,
            jobs: parts.jobs,
            places: SpeechPlaces(configuration.maxSpeechRequests)
        ),
        jobs: JobRoutes(gateway: parts.gateway, jobs: parts.jobs),
        spoken: SpokenRoutes(gateway: parts.gateway, reader: reader, synthesizer: parts.synthesizer),
        realtime: RealtimeRoutes(
            gateway: parts.gateway,
            ephemeralKeys: ephemeralKeys,
            transcriber: parts.transcriber,
            places: SpeechPlaces(configuration.maxSpeechRequests)
        ),
        ephemeralKeys: EphemeralKeyRoutes(
            gateway: parts.gateway,
            keys: ephemeralKeys,
            transcriber: parts.transcriber
        ),
        models: ModelRoutes(
            gateway: parts.gateway,
            transcriber: parts.transcriber,
            synthesizer: parts.synthesizer
        ),
        responses: ResponseRoutes(
            gateway: parts.gateway,
            relay: relay,
            archive: parts.archive,
            background: parts.background
        ),
        accounts: AccountRoutes(
            reader: AccountReader(gateway: parts.gateway, store: parts.store),
            store: parts.store
        ),
        admin: admin,
        metrics: MetricsRoute(metrics: metrics, admin: admin, measurements: parts.measurements),
        dashboard: DashboardRoutes(gateway: parts.gateway)
    )
    let edge = Edge(
        routes: routes,
        metrics: metrics,
        openRequests: parts.openRequests,
        room: BodyRoom(bytes: configuration.maxBufferedBytes),
        logger: logger
    )
    return EdgeService(
        configuration: configuration,
        openRequests: parts.openRequests,
        channel: EdgeChannel(configuration: configuration, edge: edge),
        logger: logger,
        onListening: onListening
    )
}

/// Accepts connections until it is told to stop; what runs then may finish in the configured time.
struct EdgeService: Service, CustomStringConvertible {
    let configuration: ServerConfiguration
    let openRequests: OpenRequests
    let channel: EdgeChannel
    let logger: Logger
    let onListening: @Sendable (Int) async -> Void

    /// Service groups log it; the configuration holds keys.
    var description: String { "server" }

    func run() async throws {
        let server = Server(
            childChannelSetup: channel,
            configuration: HummingbirdCore.ServerConfiguration(
                address: .hostname(configuration.host, port: configuration.port),
                availableConnectionsDelegate: MaximumAvailableConnections(configuration.maxConnections, logger: logger)
            ),
            onServerRunning: { [configuration, onListening] channel in
                await onListening(channel.localAddress?.port ?? configuration.port)
            },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: logger
        )
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            // The server stops within its own time, so that what comes after it in the group can still do its work.
            group.addTask { [configuration, openRequests] in
                try? await gracefulShutdown()
                try await Task.sleep(for: .seconds(configuration.graceSeconds))
                // Whoever still reads is told why it ends before the connection does; the server's own end comes sooner, as a rule.
                openRequests.stopStreams(.shuttingDown)
                try await Task.sleep(for: .seconds(5))
            }
            try await group.next()
            group.cancelAll()
        }
    }
}

/// Runs `services` until they are told to stop, by one of `signals` or by the group.
///
/// They are stopped from the last to the first: what the server stands on goes before it in the list.
package func serviceGroup(
    running services: [any Service],
    configuration: ServerConfiguration,
    logger: Logger,
    signals: [UnixSignal] = [.sigterm, .sigint]
) -> ServiceGroup {
    var group = ServiceGroupConfiguration(services: services, gracefulShutdownSignals: signals, logger: logger)
    // Beyond the server's own time: whoever writes the last settlements.
    group.maximumGracefulShutdownDuration = .seconds(configuration.graceSeconds + 20)
    return ServiceGroup(configuration: group)
}
