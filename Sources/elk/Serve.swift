import ArgumentParser
import ElkGateway
import ElkModels
import ElkServer
import ElkSpeech
import ElkStorage
import ElkWire
import Glibc
import Logging
import ServiceLifecycle

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the APIs of OpenAI, Anthropic and Google: by channels, and speech to text by this machine.",
        discussion: SettingsReference.help
    )

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        SpeechMemory.staySmall()
        let settings = try options.load()
        let folder = DataFolder(settings.storage)
        let store = try await folder.open()
        defer { try? store.close() }
        let keys = try await store.keyCount()
        try settings.server.checkReach(hasStoredKeys: keys > 0)
        let root = try await folder.rootDigest(in: store)
        LoggingSystem.bootstrap { _ in LineLogHandler(settings.log) }
        let logger = Logger(label: "elk")
        if root.isNew { Console.notice("The root credential for /api/admin is in \(folder.rootKeyPath)") }

        let models = ModelStore(folder: settings.models.folder)
        let openRequests = OpenRequests()
        let transcriber = LocalTranscriber(store: models, settings: settings.speech)
        let synthesizer = LocalSynthesizer(store: models, settings: settings.speech)
        let backend = Backend(
            store: store,
            node: "\(settings.server.host):\(settings.server.port)",
            settings: Backend.Settings(settings, folder: folder),
            transcriber: transcriber,
            synthesizer: synthesizer,
            logger: logger,
            observer: { openRequests.note($0, channel: $1) }
        )
        do {
            try await backend.reload()
        } catch {
            throw CommandFault(.failure, "The database \(folder.databasePath) cannot be read: \(error)")
        }
        await backend.jobs.load()
        let check = SpeechCheck(
            store: models,
            settings: settings.speech,
            hasChannels: !backend.catalogs.current.channels.isEmpty
        )
        for remark in await onBlockingThread({ check.remarks() }) {
            logger.log(level: remark.isWarning ? .warning : .info, "\(remark.text)")
        }

        var configuration = ServerConfiguration(settings.server)
        configuration.hasStoredKeys = keys > 0
        var parts = ServerParts(
            gateway: backend.gateway,
            transcriber: transcriber,
            store: store,
            archive: backend.archive,
            background: backend.background,
            jobs: backend.jobs,
            administration: backend.administration,
            rootDigest: root.digest,
            openRequests: openRequests,
            testChannel: { channel, model throws(Failure) in
                try await backend.channelTest.run(channel, model: model, now: Clock.now)
            }
        )
        parts.synthesizer = synthesizer
        parts.reload = { try? await backend.reload() }
        parts.measurements = { transcriber.measurements() + backend.jobs.measurements + [ProcessMemory.family] }
        let voices = settings.speech.preload.filter(synthesizer.isCalled)
        let others = settings.speech.preload.filter { !voices.contains($0) }
        for (model, reason) in await transcriber.preload(others) + synthesizer.preload(voices) {
            logger.warning(
                "A model of speech.preload is not loaded",
                metadata: ["model": "\(model)", "reason": "\(reason)"]
            )
        }
        let server = try buildServer(
            configuration: configuration,
            parts: parts,
            logger: logger,
            onListening: { port in
                let host = settings.server.host.contains(":") ? "[\(settings.server.host)]" : settings.server.host
                Console.notice("elk listens on http://\(host):\(port)")
            }
        )
        try await run(backend.services + [server], configuration, settings.server, logger)
    }

    private func run(
        _ services: [any Service],
        _ configuration: ServerConfiguration,
        _ settings: Settings.Server,
        _ logger: Logger
    ) async throws {
        let watch = SignalWatch([SIGINT, SIGTERM]) { count in
            // The first one is the server's: it stops in good order. A second one does not wait for that.
            if count > 1 { _exit(CommandFault.Code.interrupted.rawValue) }
        }
        defer {
            watch.stop()
            LogWriter.shared.flush()
        }
        do {
            try await serviceGroup(running: services, configuration: configuration, logger: logger).run()
        } catch {
            throw CommandFault(.failure, "The server at \(settings.host):\(settings.port) ended: \(error)")
        }
    }
}

extension ServerConfiguration {
    init(_ settings: Settings.Server) {
        self.init()
        host = settings.host
        port = settings.port
        apiKeys = settings.apiKeys.map(\.value)
        maxBodyBytes = settings.maxBodyBytes
        maxBufferedBytes = max(settings.maxBufferedBytes, settings.maxBodyBytes)
        memoryThreshold = settings.uploadMemoryBytes
        strictFormats = settings.strictFormats
        maxConnections = settings.maxConnections
        maxSpeechRequests = settings.maxSpeechRequests
        idleSeconds = settings.idleSeconds
        graceSeconds = settings.shutdownGraceSeconds
    }
}

extension Backend.Settings {
    init(_ settings: Settings, folder: DataFolder) {
        self.init()
        jobs.folder = folder.jobsPath
        jobs.parallel = settings.jobs.parallel
        jobs.queueLimit = settings.jobs.queueLimit
        jobs.keepMilliseconds = Int64(settings.jobs.keepHours) * 3_600_000
        jobs.maxBytes = settings.jobs.maxBytes
        jobs.allowsPrivateWebhooks = settings.jobs.privateWebhooks
        jobs.webhookSecret = WebhookSecret(settings.jobs.webhookSecret.value)
        admission.operatorKeys = settings.server.apiKeys.map { ElkStorage.Secret($0.value) }
        admission.isLoopback = ServerConfiguration.isLoopback(settings.server.host)
        admission.defaultMaxOutput = settings.gateway.defaultMaxOutput
        gateway.budget.attempts = settings.gateway.maxAttempts
        gateway.budget.milliseconds = Int64(settings.gateway.retrySeconds) * 1000
        gateway.localPriority = settings.gateway.localPriority
        gateway.realtimeSeconds = settings.gateway.realtimeSeconds
        setTimes(
            connect: settings.gateway.connectSeconds,
            firstByte: settings.gateway.firstByteSeconds,
            idle: settings.gateway.idleSeconds,
            drain: settings.gateway.drainSeconds,
            keepAlive: settings.gateway.keepAliveSeconds
        )
        upstream.connectionsPerHost = settings.gateway.connectionsPerHost
        let authorities = settings.gateway.certificateAuthorities
        upstream.extraAuthorities = authorities.isEmpty ? nil : authorities
        responseDays = settings.gateway.responseDays
    }
}
