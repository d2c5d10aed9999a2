package import ElkStorage
package import Logging
import ServiceLifecycle
import Synchronization

/// Keeps the catalog as the database is: looks for changes every second, and reads at once after an admin's write.
package final class CatalogLoader: Service {
    private let store: Store
    private let catalogs: Catalogs
    private let settlement: Settlement
    private let logger: Logger
    private let interval: Duration
    private let mark = Mutex<ChangeMark?>(nil)

    package init(
        store: Store,
        catalogs: Catalogs,
        settlement: Settlement,
        interval: Duration = .seconds(1),
        logger: Logger
    ) {
        self.store = store
        self.catalogs = catalogs
        self.settlement = settlement
        self.interval = interval
        self.logger = logger
    }

    /// Reads the database now.
    ///
    /// Call it before the server starts, and after a write that has to be seen by the next request.
    package func reload() async throws(StorageError) {
        // The mark first: a write between both is seen again, never missed.
        let mark = try await store.changeMark()
        var attempts = 0
        while true {
            let before = settlement.flushEpoch
            let snapshot = try await store.snapshot()
            // Odd: a write was under way; changed: one came in between. What keys have spent is then told twice or not at all.
            let isExact = before % 2 == 0 && settlement.flushEpoch == before
            attempts += 1
            guard isExact || attempts >= 3 else { continue }
            catalogs.replace(with: snapshot, isExact: isExact)
            for problem in catalogs.current.problems { logger.warning("\(problem)") }
            self.mark.withLock { $0 = isExact ? mark : nil }
            return
        }
    }

    /// Reads the database if it has changed since the last time; true when it has.
    @discardableResult
    package func reloadIfChanged() async throws(StorageError) -> Bool {
        let now = try await store.changeMark()
        guard mark.withLock({ $0 }) != now else { return false }
        try await reload()
        return true
    }

    package func run() async throws {
        await cancelWhenGracefulShutdown {
            while (try? await Task.sleep(for: self.interval)) != nil {
                do throws(StorageError) {
                    try await self.reloadIfChanged()
                } catch {
                    self.logger.error("the catalog could not be read again", metadata: ["error": "\(error)"])
                }
            }
        }
    }
}
