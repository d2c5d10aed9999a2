package import ElkStorage
import Foundation

/// A database file in a folder of its own, which goes when this does.
package final class TemporaryDatabase: Sendable {
    package let folder: String
    package var path: String { "\(folder)/elk.db" }

    package static let masterKey = Secret("a master key for tests, long enough")

    package init() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("elk-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        self.folder = folder.path
    }

    deinit {
        try? FileManager.default.removeItem(atPath: folder)
    }

    /// One more connection to the file, as another process would have it.
    package func open(now: Int64 = 0, masterKey: Secret = masterKey) async throws -> Store {
        try await Store.open(.file(path), masterKey: masterKey, now: now)
    }

    /// With faults between the store and the engine.
    package func open(faults: FaultyDatabase.Plan, now: Int64 = 0) async throws -> Store {
        let database = FaultyDatabase(try Store.database(at: .file(path)), plan: faults)
        return try await Store(database, masterKey: Self.masterKey, now: now)
    }

    /// The bytes of the database, its log and its index, one after the other.
    package func bytes() throws -> [UInt8] {
        var all: [UInt8] = []
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).sorted() {
            all += try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
        }
        return all
    }
}
