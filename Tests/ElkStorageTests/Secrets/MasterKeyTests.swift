import ElkStorage
import ElkTestSupport
import Foundation
import Testing

struct MasterKeyTests {
    private let database: TemporaryDatabase
    private let path: String

    init() throws {
        database = try TemporaryDatabase()
        path = "\(database.folder)/master.key"
    }

    @Test func `a key is made once, for its owner alone, and read from then on`() throws {
        let key = try MasterKey.readOrCreate(at: path)
        #expect(key.reveal().utf8.count == 64)
        #expect(try MasterKey.readOrCreate(at: path) == key)
        #expect(try mode() == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: database.folder) == ["master.key"])
    }

    @Test(arguments: [0o640, 0o604, 0o620, 0o666])
    func `a key that others can reach is refused`(mode: Int) throws {
        _ = try MasterKey.readOrCreate(at: path)
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
        let error = #expect(throws: StorageError.self) { try MasterKey.readOrCreate(at: path) }
        #expect(error?.code == .permissions)
        #expect(error?.message.contains("chmod 600") == true)
    }

    @Test func `a short key is refused`() throws {
        try PrivateFile.create(at: path, Secret("short"))
        #expect(throws: StorageError.self) { try MasterKey.readOrCreate(at: path) }
    }

    @Test func `a private file is never overwritten, and read without its line end`() throws {
        #expect(try PrivateFile.read(at: path) == nil)
        try PrivateFile.create(at: path, Secret("elk-root-1"))
        let error = #expect(throws: StorageError.self) { try PrivateFile.create(at: path, Secret("elk-root-2")) }
        #expect(error?.code == .conflict)
        #expect(try PrivateFile.read(at: path) == Secret("elk-root-1"))
    }

    @Test func `makers of one key at the same time get the same key`() async throws {
        let path = self.path
        let keys = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<8 { group.addTask { try MasterKey.readOrCreate(at: path).reveal() } }
            return try await group.reduce(into: Set()) { $0.insert($1) }
        }
        #expect(keys.count == 1)
    }

    private func mode() throws -> Int? {
        try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
    }
}
