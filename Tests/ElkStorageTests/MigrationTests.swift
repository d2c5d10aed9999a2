import ElkTestSupport
import Testing

@testable import ElkStorage

struct MigrationTests {
    private let extra = Migration(name: "999 later", statements: ["CREATE TABLE later (a \(.text))"])

    @Test func `all steps are applied once, and opening again changes nothing`() async throws {
        let file = try TemporaryDatabase()
        let store = try await file.open(now: 5)
        try await Fixture.user("1", balance: "1", in: store)
        try store.close()
        let again = try await file.open(now: 6)
        #expect(try await again.user(id: "1").balance == Fixture.dollars("1"))
        let applied = try await again.read { connection in
            try connection.rows("SELECT name, applied FROM migrations ORDER BY position").map { row in
                var row = row
                return (try row.text(), try row.integer())
            }
        }
        #expect(applied.map(\.0) == Migration.all.map(\.name))
        #expect(applied.allSatisfy { $0.1 == 5 })
    }

    @Test func `a later step is added to a database of an earlier version`() async throws {
        let database = try Store.database(at: .memory)
        try await Migration.run(on: database, now: 1)
        try await Migration.run(Migration.all + [extra], on: database, now: 2)
        try await Migration.run(Migration.all + [extra], on: database, now: 3)
        #expect(try await database.read { try $0.integer("SELECT COUNT(*) FROM later") } == 0)
    }

    @Test func `a database of a newer version is refused and left alone`() async throws {
        let file = try TemporaryDatabase()
        let database = try Store.database(at: .file(file.path))
        try await Migration.run(Migration.all + [extra], on: database, now: 1)
        try database.close()
        let error = await #expect(throws: StorageError.self) { _ = try await file.open() }
        #expect(error?.code == .newerSchema)
        #expect(error?.message.contains("999 later") == true)
    }

    @Test func `a step that fails leaves nothing of itself`() async throws {
        let database = try Store.database(at: .memory)
        let broken = Migration(name: "998 broken", statements: ["CREATE TABLE half (a \(.text))", "CREATE NONSENSE"])
        await #expect(throws: (any Error).self) {
            try await Migration.run(Migration.all + [broken], on: database, now: 1)
        }
        try await Migration.run(on: database, now: 2)
        await #expect(throws: (any Error).self) {
            _ = try await database.read { try $0.integer("SELECT COUNT(*) FROM half") }
        }
    }

    @Test func `steps have unique names in the order of their numbers`() {
        let names = Migration.all.map(\.name)
        #expect(Set(names).count == names.count)
        #expect(names.sorted() == names)
    }

    @Test func `every statement has a text for every engine`() {
        for statement in Migration.all.flatMap(\.statements) {
            #expect(!statement.rendered(for: .postgreSQL).text.contains("ROWID"))
            #expect(!statement.rendered(for: .postgreSQL).text.contains("BLOB"))
        }
    }
}
