/// The database as the rest of Elk sees it: typed methods, one transaction each.
///
/// Writes are not bound to the task that asks for them: a cancelled caller's write is carried out all the same. All times
/// are milliseconds since 1970 and passed in; ids are made with `newID(at:)`. Safe to use from any task.
package final class Store: Sendable {
    private let ids: IDGenerator

    package enum Location: Sendable, Hashable {
        case file(String)
        case memory
    }

    init(ids: IDGenerator) { self.ids = ids }

    package static func open(_ location: Location, masterKey: Secret, now: Int64, ids: IDGenerator = IDGenerator())
        async throws(StorageError) -> Store
    {
        throw StorageError(.engine, "soon")
    }

    /// A fresh id that sorts by time.
    package func newID(at now: Int64) -> String { ids.next(at: now) }
    /// Ends the connections; later calls throw.
    package func close() {}
}
