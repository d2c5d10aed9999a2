import Synchronization

/// The database as the rest of Elk sees it: typed methods, one transaction each.
///
/// Writes are not bound to the task that asks for them: a cancelled caller's write is carried out all the same. All times
/// are milliseconds since 1970 and passed in; ids are made with `newID(at:)`. Where a method takes an `owner`, another owner's
/// record is as absent as one that never was; nil means the administration, which sees all. Safe to use from any task.
package final class Store: Sendable {
    package enum Location: Sendable, Hashable {
        case file(String)
        case memory
    }

    let database: any Database
    let sealing: Sealing
    let ids: IDGenerator
    /// How often this process has changed what a `Snapshot` is made of.
    private let changes = Atomic<Int>(0)

    /// Opens a database, creates it if there is none, and brings its schema up to date.
    ///
    /// The file and its log have mode 0600.
    /// - Parameter masterKey: seals upstream credentials; at least 32 characters, see `MasterKey`.
    /// - Throws: `.newerSchema` for a database of a later version; `.wrongMasterKey`; `.permissions`; `.engine`.
    package static func open(
        _ location: Location,
        masterKey: Secret,
        now: Int64,
        ids: IDGenerator = IDGenerator()
    ) async throws(StorageError) -> Store {
        try await Store(database(at: location), masterKey: masterKey, now: now, ids: ids)
    }

    /// The engine alone, for those who put something between it and the store.
    package static func database(at location: Location) throws(StorageError) -> any Database {
        switch location {
        case .file(let path): try SQLiteDatabase(path: path)
        case .memory: try SQLiteDatabase(path: nil)
        }
    }

    /// Takes an engine that is open already; tests put faults between the two.
    package init(
        _ database: any Database,
        masterKey: Secret,
        now: Int64,
        ids: IDGenerator = IDGenerator()
    ) async throws(StorageError) {
        self.database = database
        self.ids = ids
        sealing = Sealing(masterKey: try MasterKey.checked(masterKey, from: "the settings"))
        do {
            try await Migration.run(on: database, now: now)
        } catch {
            throw StorageError(engine: error)
        }
        try await proveMasterKey()
    }

    /// A fresh id that sorts by time.
    package func newID(at now: Int64) -> String { ids.next(at: now) }

    /// Ends the connections after what was handed over is done; later calls throw.
    package func close() throws(StorageError) {
        do { try database.close() } catch { throw StorageError(engine: error) }
    }

    /// Costs no transaction; a server asks it every second or so and after its own administration.
    ///
    /// Ask before reading the snapshot that it is to stand for: then no change falls between the two.
    package func changeMark() async throws(StorageError) -> ChangeMark {
        do {
            return ChangeMark(
                engine: try await database.dataVersion(),
                local: changes.load(ordering: .acquiring)
            )
        } catch {
            throw StorageError(engine: error)
        }
    }

    func read<T: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws(StorageError) -> T {
        do { return try await database.read(body) } catch { throw StorageError(engine: error) }
    }

    @discardableResult
    func write<T: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws(StorageError) -> T {
        do { return try await database.write(body) } catch { throw StorageError(engine: error) }
    }

    /// A write after which a `Snapshot` is another one.
    @discardableResult
    func configure<T: Sendable>(
        _ body: @escaping @Sendable (any Connection) throws -> T
    ) async throws(StorageError) -> T {
        let value = try await write(body)
        changes.add(1, ordering: .releasing)
        return value
    }
}
