import ElkStorage
import ElkWire
import FoundationEssentials

/// The folder with Elk's database and the keys beside it, all of them readable by their owner alone.
struct DataFolder {
    let databasePath: String
    private let masterKey: Secret

    init(_ settings: Settings.Storage) {
        databasePath = settings.path
        masterKey = settings.masterKey
    }

    private var folder: String {
        let end = databasePath.lastIndex(of: "/")
        return end.map { String(databasePath[..<$0]) } ?? "."
    }

    var rootKeyPath: String { "\(folder)/root.key" }
    var jobsPath: String { "\(folder)/jobs" }

    /// Opens the database; the first time makes it, the master key and the built-in accounts.
    func open() async throws(CommandFault) -> Store {
        do {
            try FileManager.default.createDirectory(
                atPath: folder,
                withIntermediateDirectories: true,
                attributes: [.posixPermissions: 0o700]
            )
        } catch {
            throw CommandFault(.failure, "The folder \(folder) cannot be made: \(error)")
        }
        do throws(StorageError) {
            let key: ElkStorage.Secret
            if masterKey.value.isEmpty {
                key = try MasterKey.readOrCreate(at: "\(folder)/master.key")
            } else {
                key = try MasterKey.checked(ElkStorage.Secret(masterKey.value), from: "storage.master_key")
            }
            return try await Store.open(.file(databasePath), masterKey: key, now: Clock.now)
        } catch {
            throw CommandFault(.failure, "The database \(databasePath) cannot be opened: \(error)")
        }
    }

    /// The digest of the root credential; the first time makes one and writes it to `root.key`.
    ///
    /// - Returns: also whether it was made now.
    func rootDigest(in store: Store) async throws(CommandFault) -> (digest: KeyDigest, isNew: Bool) {
        do throws(StorageError) {
            if let digest = try await store.rootDigest() { return (digest, false) }
            let key = GeneratedKey(.root)
            do throws(StorageError) {
                try PrivateFile.create(at: rootKeyPath, key.text)
            } catch {
                // One that is there already opens a database that is new.
                guard error.code == .conflict, let text = try PrivateFile.read(at: rootKeyPath) else { throw error }
                let digest = KeyDigest(of: text.reveal())
                try await store.setRootDigest(digest)
                return (digest, false)
            }
            try await store.setRootDigest(key.digest)
            return (key.digest, true)
        } catch {
            throw CommandFault(.failure, "The root credential cannot be made: \(error)")
        }
    }

    /// Replaces the root credential: the old one opens nothing any more, once a running server has been restarted.
    func renewRootKey(in store: Store) async throws(CommandFault) {
        let key = GeneratedKey(.root)
        do {
            if FileManager.default.fileExists(atPath: rootKeyPath) {
                try FileManager.default.removeItem(atPath: rootKeyPath)
            }
            try PrivateFile.create(at: rootKeyPath, key.text)
            try await store.setRootDigest(key.digest)
        } catch {
            throw CommandFault(.failure, "The root credential cannot be replaced: \(error)")
        }
    }
}

/// Milliseconds since 1970.
enum Clock {
    static var now: Int64 { Int64(Date.now.timeIntervalSince1970 * 1000) }
}
