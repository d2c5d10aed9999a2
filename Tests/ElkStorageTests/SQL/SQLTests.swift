import Testing

@testable import ElkStorage

struct SQLTests {
    @Test func `every value is bound, in each engine's way`() {
        let evil = "x'; DROP TABLE users; --"
        let id: String? = nil
        let condition: SQL = "name = \(evil) OR id = \(id)"
        let sql: SQL = "SELECT 1 FROM users WHERE (\(condition)) AND age > \(7) AND ok = \(true)"
        let sqlite = sql.rendered(for: .sqlite)
        #expect(sqlite.text == "SELECT 1 FROM users WHERE (name = ? OR id = ?) AND age > ? AND ok = ?")
        #expect(sqlite.values == [.text(evil), .null, .integer(7), .integer(1)])
        #expect(
            sql.rendered(for: .postgreSQL).text
                == "SELECT 1 FROM users WHERE (name = $1 OR id = $2) AND age > $3 AND ok = $4"
        )
    }

    @Test func `column types have each engine's name`() {
        let sql: SQL = "CREATE TABLE t (a \(.text), b \(.blob), c \(.integer)) \(.clustered)"
        #expect(sql.rendered(for: .sqlite).text == "CREATE TABLE t (a TEXT, b BLOB, c BIGINT) WITHOUT ROWID")
        #expect(sql.rendered(for: .postgreSQL).text == "CREATE TABLE t (a TEXT, b BYTEA, c BIGINT) ")
    }

    @Test func `parts are joined in order`() {
        let parts: [SQL] = ["a = \(1)", "b = \(2)"]
        #expect(parts.joined(by: " AND ").rendered(for: .sqlite).values == [.integer(1), .integer(2)])
        #expect([SQL]().joined(by: ", ").rendered(for: .sqlite).text.isEmpty)
    }

    @Test func `a row is read from left to right and says what does not fit`() throws {
        var row = Row([.integer(1), .text("a"), .null, .blob([1])])
        #expect(try row.int() == 1)
        #expect(try row.text() == "a")
        #expect(try row.optionalText() == nil)
        #expect(throws: StorageError.self) { try row.text() }
        #expect(throws: StorageError.self) { try row.text() }
    }

    @Test(arguments: ["a%b_c!", "plain", "%%%%%%%%"])
    func `wild cards of a search text are escaped`(text: String) {
        let pattern = UsageFilter.pattern(containing: text)
        #expect(pattern.hasPrefix("%") && pattern.hasSuffix("%"))
        #expect(
            pattern.dropFirst().dropLast().replacing("!!", with: "").replacing("!%", with: "").replacing("!_", with: "")
                .allSatisfy { $0 != "%" && $0 != "_" && $0 != "!" }
        )
    }
}
