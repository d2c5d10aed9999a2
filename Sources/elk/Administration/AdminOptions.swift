import ArgumentParser
import ElkGateway
import ElkStorage
import ElkWire
import FoundationEssentials

/// What the commands that administer the gateway share: the database of the settings, and how they answer.
///
/// They work on the database alone, with or without a running server, which notices within a second.
struct AdminOptions: ParsableArguments {
    @OptionGroup var settings: SettingsOptions
    @Flag(help: "JSON for machines instead of text for people.")
    var json = false

    /// Runs `body` on the database; a refusal ends the command with its sentence.
    func run<Value>(_ body: (Administration) async throws -> Value) async throws -> Value {
        let store = try await DataFolder(try settings.load().storage).open()
        defer { try? store.close() }
        do {
            return try await body(Administration(store: store, now: { Clock.now }))
        } catch let failure as Failure {
            throw CommandFault(.failure, failure.message)
        }
    }

    /// Prints `value` as JSON, or what `text` makes of it.
    func show(_ value: some Encodable, _ text: @autoclosure () -> String) throws {
        guard json else {
            Console.output(text() + "\n")
            return
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        Console.output(String(decoding: try encoder.encode(value), as: UTF8.self) + "\n")
    }
}

/// What people type for amounts, times and lists.
enum Typed {
    static func money(_ text: String, _ name: String) throws(CommandFault) -> Money {
        guard let money = Money(text) else {
            throw CommandFault(.usage, "\(name) must be an amount in dollars such as 12.50, not '\(text)'.")
        }
        return money
    }

    /// Items between commas.
    static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { item in
            String(item.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
        }.filter { !$0.isEmpty }
    }

    /// `a=b` between commas.
    static func pairs(_ text: String, _ name: String) throws(CommandFault) -> [String: String] {
        var pairs: [String: String] = [:]
        for item in list(text) {
            let parts = item.split(separator: "=", maxSplits: 1).map(String.init)
            guard parts.count == 2 else {
                throw CommandFault(.usage, "\(name) must be NAME=NAME, not '\(item)'.")
            }
            pairs[parts[0]] = parts[1]
        }
        return pairs
    }

    /// Milliseconds of `90s`, `15m`, `12h`, `30d`.
    static func duration(_ text: String, _ name: String) throws(CommandFault) -> Int64 {
        let units: [Character: Int64] = ["s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000]
        guard let unit = text.last.flatMap({ units[$0] }), let number = Int64(text.dropLast()),
            (1...100_000).contains(number)
        else {
            throw CommandFault(.usage, "\(name) must be a time such as 12h or 30d, not '\(text)'.")
        }
        return number * unit
    }

    /// The text itself, or what is on standard input for `-`, so that a secret need not be in a shell's history.
    static func secret(_ text: String) throws(CommandFault) -> ElkStorage.Secret {
        guard text == "-" else { return ElkStorage.Secret(text) }
        guard let line = readLine(strippingNewline: true), !line.isEmpty else {
            throw CommandFault(.usage, "There is no key on standard input.")
        }
        return ElkStorage.Secret(line)
    }
}

/// Rows with aligned columns.
struct TextTable {
    private var rows: [[String]]

    init(_ headings: String...) {
        rows = [headings]
    }

    mutating func add(_ cells: String...) {
        rows.append(cells)
    }

    var text: String {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { $0.count > column ? $0[column].count : 0 }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (column, cell) in row.enumerated() {
                line += cell
                if column + 1 < row.count { line += String(repeating: " ", count: widths[column] - cell.count + 2) }
            }
            return line
        }.joined(separator: "\n")
    }
}

/// A point in time for people: `2026-05-01 12:30`, in UTC.
func timeText(_ milliseconds: Int64?) -> String {
    guard let milliseconds else { return "never" }
    let date = Date(timeIntervalSince1970: Double(milliseconds) / 1000)
    let text = date.formatted(.iso8601)
    return String(text.prefix(16)).split(separator: "T").joined(separator: " ")
}
