import ElkTestSupport
import Foundation
import Synchronization
import Testing

@testable import ElkStorage

struct StoreTests {
    @Test func `the database and its log are for their owner alone`() async throws {
        let file = try TemporaryDatabase()
        let open: [FileAttributeKey: Any] = [.posixPermissions: 0o644]
        #expect(FileManager.default.createFile(atPath: file.path, contents: nil, attributes: open))
        let store = try await file.open()
        try await Fixture.user("1", in: store)
        let names = try FileManager.default.contentsOfDirectory(atPath: file.folder)
        #expect(names.contains("elk.db-wal"))
        for name in names {
            let attributes = try FileManager.default.attributesOfItem(atPath: "\(file.folder)/\(name)")
            #expect(attributes[.posixPermissions] as? Int == 0o600, "\(name)")
        }
    }

    @Test func `another master key is refused`() async throws {
        let file = try TemporaryDatabase()
        try await file.open().close()
        let other = Secret("another master key for tests, long enough")
        #expect(await code { _ = try await file.open(masterKey: other) } == .wrongMasterKey)
        #expect(await code { _ = try await file.open(masterKey: Secret("short")) } == .invalid)
        #expect(await code { try await file.open().close() } == nil)
    }

    @Test func `what is no database is refused with an error`() async throws {
        let file = try TemporaryDatabase()
        try Data("this is not a database, but a text that is long enough to look like one".utf8)
            .write(to: URL(fileURLWithPath: file.path))
        #expect(await code { _ = try await file.open() } == .engine)
        #expect(await code { _ = try Store.database(at: .file("\(file.folder)/none/elk.db")) } == .engine)
        #expect(await code { _ = try Store.database(at: .file(file.folder)) } == .engine)
    }

    @Test func `a closed store throws`() async throws {
        let file = try TemporaryDatabase()
        let store = try await file.open()
        try store.close()
        #expect(await code { _ = try await store.users() } == .engine)
        #expect(await code { try await Fixture.user("1", in: store) } == .engine)
    }

    @Test func `a write is carried out although its task was cancelled`() async throws {
        let store = try await Fixture.store()
        let task = Task {
            while !Task.isCancelled { await Task.yield() }
            try await Fixture.user("1", balance: "3", in: store)
            _ = try await store.settle([Fixture.request("r", user: "1", cost: "1", lease: nil)], now: 1)
            return try await store.user(id: "1").balance
        }
        task.cancel()
        #expect(try await task.value == Fixture.dollars("2"))
    }

    @Test func `a cancellation in the middle of a write does not roll it back`() async throws {
        let store = try await Fixture.store()
        let inside = Mark()
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                try await store.write { connection in
                    try connection.execute("INSERT INTO settings (name, value) VALUES ('a', '1')")
                    inside.set()
                    for step in 0..<1000 {
                        try connection.execute("UPDATE settings SET value = \("\(step)") WHERE name = 'a'")
                    }
                }
            }
            while !inside.isSet { await Task.yield() }
            group.cancelAll()
            try await group.waitForAll()
        }
        #expect(try await store.setting("a") == "999")
    }

    @Test func `another connection's write changes the mark, and so does one's own administration`() async throws {
        let file = try TemporaryDatabase()
        let server = try await file.open()
        let command = try await file.open()
        let first = try await server.changeMark()
        #expect(try await server.changeMark() == first)
        try await command.setSetting("a", to: "1")
        let second = try await server.changeMark()
        #expect(second != first)
        try await server.setSetting("a", to: "2")
        let third = try await server.changeMark()
        #expect(third != second)
        // Settlement is no administration: the server would reload all the time.
        let usage = Fixture.usage("r", user: User.localID)
        _ = try await server.settle([SettledRequest(usage: usage, payer: .tab)], now: 1)
        #expect(try await server.changeMark() == third)
    }

    @Test func `a reader sees one moment while a writer goes on`() async throws {
        let file = try TemporaryDatabase()
        let store = try await file.open()
        try await Fixture.user("1", balance: "100", in: store)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for step in 0..<50 {
                    _ = try await store.settle(
                        [Fixture.request("r\(step)", user: "1", cost: "1", lease: nil)],
                        now: 1
                    )
                }
            }
            group.addTask {
                for _ in 0..<20 {
                    let faults = try await store.verify().faults
                    #expect(faults == [])
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func `no planted secret is in the bytes of the database or its log`() async throws {
        let file = try TemporaryDatabase()
        let store = try await file.open()
        let client = GeneratedKey(.client)
        let root = GeneratedKey(.root)
        let upstream = Secret("sk-upstream-canary-0123456789abcdef")
        try await Fixture.user("1", in: store)
        var key = Key(
            id: "k",
            userID: "1",
            name: "k",
            prefix: client.prefix,
            digest: client.digest,
            created: 1
        )
        try await store.createKey(key)
        try await store.createChannel(Channel(id: "c", name: "c", provider: "p", keys: [upstream], created: 1))
        try await store.setRootDigest(root.digest)
        key.name = "renamed"
        try await store.updateKey(key)
        let bytes = try file.bytes()
        #expect(bytes.contains(Array("renamed".utf8)))
        for secret in [client.text, root.text, upstream, TemporaryDatabase.masterKey] {
            let text = Array(secret.reveal().utf8)
            #expect(!bytes.contains(text))
            // Nor a part of one that would make the rest easy to find; the first characters are meant to be there.
            #expect(!bytes.contains(Array(text[16..<32])))
        }
        #expect(try await store.channel(id: "c").keys == [upstream])
    }
}

extension [UInt8] {
    fileprivate func contains(_ other: [UInt8]) -> Bool {
        Data(self).range(of: Data(other)) != nil
    }
}

/// Something has happened, as another task sees it.
private final class Mark: Sendable {
    private let value = Atomic(false)

    var isSet: Bool { value.load(ordering: .acquiring) }

    func set() { value.store(true, ordering: .releasing) }
}
