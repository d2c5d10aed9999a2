package import ElkStorage
package import Logging
import NIOCore
package import ServiceLifecycle

/// The gateway and all that it stands on, put together once for the server and for tests.
package struct Backend: Sendable {
    package struct Settings: Sendable {
        package var gateway = Gateway.Settings()
        package var admission = Admission.Settings()
        package var settlement = ElkGateway.Settlement.Settings()
        package var bank = Bank.Settings()
        package var upstream = UpstreamConfiguration()
        package var jobs = AudioJobs.Settings()
        /// How long answers of the Responses API are kept.
        package var responseDays = 30
        /// How often the database is asked whether somebody else changed it.
        package var reloadInterval = Duration.seconds(1)

        package init() {}

        /// Seconds: of one try, of reading on after the client has left, and of silence before a stream's sign of life.
        package mutating func setTimes(connect: Int, firstByte: Int, idle: Int, drain: Int, keepAlive: Int) {
            gateway.terms.timeouts.connect = .seconds(Int64(connect))
            gateway.terms.timeouts.firstByte = .seconds(Int64(firstByte))
            gateway.terms.timeouts.idle = .seconds(Int64(idle))
            gateway.terms.drain = .seconds(Int64(drain))
            gateway.quiet = .seconds(Int64(keepAlive))
        }
    }

    package let store: Store
    package let gateway: Gateway
    package let settlement: Settlement
    package let catalogs: Catalogs
    package let loader: CatalogLoader
    package let archive: ResponseArchive
    package let background: BackgroundResponses
    package let jobs: AudioJobs
    package let administration: Administration
    package let channelTest: ChannelTest

    /// - Parameters:
    ///   - node: what this process is called in the ledger: the same after a restart, another one for every process that runs on
    ///     the database, since a process that starts takes back what one of its name had leased.
    ///   - transcriber: the local speech engine, where there is one.
    ///   - synthesizer: the local voices, where there are any.
    ///   - observer: see `Gateway`; given what the catalog calls the channel that answered, too.
    package init(
        store: Store,
        node: String = "server",
        settings: Settings = Settings(),
        transcriber: (any Transcriber)? = nil,
        synthesizer: (any Synthesizer)? = nil,
        time: TimeSource = .system,
        logger: Logger,
        observer: (@Sendable (RelayRecord, _ channel: String?) -> Void)? = nil
    ) {
        self.store = store
        settlement = Settlement(
            store: store,
            node: node,
            settings: settings.settlement,
            bankSettings: settings.bank,
            time: time,
            logger: logger
        )
        let catalogs = Catalogs(settlement: settlement)
        self.catalogs = catalogs
        loader = CatalogLoader(
            store: store,
            catalogs: catalogs,
            settlement: settlement,
            interval: settings.reloadInterval,
            logger: logger
        )
        let upstream = HTTPUpstream(configuration: settings.upstream)
        gateway = Gateway(
            catalogs: catalogs,
            admission: Admission(catalogs: catalogs, settlement: settlement, settings: settings.admission),
            upstream: upstream,
            transcriber: transcriber,
            synthesizer: synthesizer,
            settings: settings.gateway,
            time: time,
            observer: Self.named(observer, in: catalogs)
        )
        archive = ResponseArchive(store: store, days: settings.responseDays, logger: logger, now: { time.now })
        background = BackgroundResponses(gateway: gateway, archive: archive, now: { time.now })
        jobs = AudioJobs(settings: settings.jobs, gateway: gateway, time: time, logger: logger)
        administration = Administration(store: store, now: { time.now })
        channelTest = ChannelTest(upstream: upstream)
    }

    private static func named(
        _ observer: (@Sendable (RelayRecord, _ channel: String?) -> Void)?,
        in catalogs: Catalogs
    ) -> Gateway.Observer? {
        guard let observer else { return nil }
        return { record in
            let id = record.ending.channelID
            observer(record, id.flatMap { catalogs.current.channel(id: $0)?.name } ?? id)
        }
    }

    /// Reads what is served from; call it before the first request, and after a change that the next one has to see.
    package func reload() async throws(StorageError) { try await loader.reload() }

    /// To be run with the server, which comes after them: stopped last, they write down how the last requests ended.
    package var services: [any Service] { [settlement, archive, loader, background, jobs] }
}
