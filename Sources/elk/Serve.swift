import ArgumentParser
import ElkModels
import ElkServer
import Glibc
import Logging
import ServiceLifecycle

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the OpenAI API for speech to text.",
        discussion: SettingsReference.help
    )

    @OptionGroup var options: SettingsOptions

    func run() async throws {
        let settings = try options.load()
        try settings.server.checkReach()
        LoggingSystem.bootstrap { _ in LineLogHandler(settings.log) }
        let logger = Logger(label: "elk")

        let store = ModelStore(folder: settings.models.folder)
        let model = ModelCatalogue.official.canonicalName(settings.speech.defaultModel)
        if await onBlockingThread({ store.find(model) }) == nil {
            logger.warning("The default model is not installed; get it with: elk models pull \(model)")
        }
        let configuration = ServerConfiguration(settings.server)
        let server = try buildServer(
            configuration: configuration,
            transcriber: LocalTranscriber(store: store, settings: settings.speech),
            logger: logger,
            onListening: { port in
                let host = settings.server.host.contains(":") ? "[\(settings.server.host)]" : settings.server.host
                Console.output("elk listens on http://\(host):\(port)\n")
            }
        )
        let watch = SignalWatch([SIGINT, SIGTERM]) { count in
            // The first one is the server's: it stops in good order. A second one does not wait for that.
            if count > 1 { _exit(CommandFault.Code.interrupted.rawValue) }
        }
        defer { watch.stop() }
        do {
            try await serviceGroup(running: server, configuration: configuration, logger: logger).run()
        } catch {
            throw CommandFault(
                .failure,
                "The server at \(settings.server.host):\(settings.server.port) ended: \(error)"
            )
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
        memoryThreshold = settings.uploadMemoryBytes
        strictFormats = settings.strictFormats
        maxConnections = settings.maxConnections
        maxSpeechRequests = settings.maxSpeechRequests
        idleSeconds = settings.idleSeconds
        graceSeconds = settings.shutdownGraceSeconds
    }
}
