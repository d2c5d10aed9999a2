import Foundation
import Testing

@testable import elk

/// The gateway's administration from the command line, as a script does it.
@Suite(.timeLimit(.minutes(2)))
struct AdministrationCommandTests {
    private func elk(_ program: ElkProgram, _ arguments: String..., input: String = "") async throws -> ElkProgram.Run {
        try await program.run(arguments, input: input)
    }

    @Test func `the first command makes the database and its keys, for their owner alone`() async throws {
        let program = try ElkProgram()
        #expect(try await elk(program, "keys", "list").status == 0)
        for file in ["elk.db", "master.key"] {
            var status = stat()
            #expect(stat("\(program.folder)/\(file)", &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600)
        }
        let root = try await elk(program, "keys", "root")
        #expect(root.output == "\(program.folder)/root.key\n")
        let first = try String(contentsOfFile: "\(program.folder)/root.key", encoding: .utf8)
        #expect(first.hasPrefix("elk-root-"))
        #expect(try await elk(program, "keys", "root", "--renew").status == 0)
        #expect(try String(contentsOfFile: "\(program.folder)/root.key", encoding: .utf8) != first)
    }

    @Test func `a key is printed once, and nowhere in the database`() async throws {
        let program = try ElkProgram()
        let made = try await elk(
            program,
            "keys",
            "create",
            "first",
            "--models",
            "gpt-*,m",
            "--rpm",
            "5",
            "--expires",
            "30d"
        )
        #expect(made.status == 0)
        let key = made.output.split(separator: "\n").first.map(String.init) ?? ""
        #expect(key.hasPrefix("sk-") && key.count > 40)
        let list = try await elk(program, "keys", "list")
        #expect(list.output.contains("first"))
        #expect(!list.output.contains(key))
        let shown = try await elk(program, "keys", "show", "first", "--json")
        #expect(shown.output.contains("\"requests_per_minute\" : 5"))
        let changed = try await elk(program, "keys", "set", "first", "--rpm", "none", "--disable-use")
        #expect(changed.output.contains("off"))
        #expect(try Data(contentsOf: URL(filePath: "\(program.folder)/elk.db")).firstRange(of: Data(key.utf8)) == nil)
        #expect(try await elk(program, "keys", "rm", "first").status == 0)
        #expect(try await elk(program, "keys", "show", "first").status == 1)
    }

    @Test func `a channel takes its key from standard input and shows only its ends`() async throws {
        let program = try ElkProgram()
        let secret = "sk-canary-0123456789-0123456789"
        let made = try await elk(
            program,
            "channels",
            "add",
            "openai",
            "--key",
            "-",
            "--priority",
            "5",
            input: secret + "\n"
        )
        #expect(made.status == 0, "\(made.errors)")
        #expect(made.output.contains("gpt-*"))
        let shown = try await elk(program, "channels", "show", "openai")
        #expect(!shown.output.contains(secret))
        #expect(shown.output.contains("sk-can***6789"))
        for file in ["elk.db", "elk.db-wal"] {
            guard let bytes = try? Data(contentsOf: URL(filePath: "\(program.folder)/\(file)")) else { continue }
            #expect(bytes.firstRange(of: Data(secret.utf8)) == nil)
        }
        #expect(try await elk(program, "channels", "set", "openai", "--map", "a=b", "--rename", "mine").status == 0)
        #expect(try await elk(program, "channels", "list", "--json").output.contains("\"name\" : \"mine\""))
        let unknown = try await elk(program, "channels", "add", "opeai", "--key", "k")
        #expect(unknown.status == 1)
        #expect(unknown.errors.contains("Known are:"))
        #expect(try await elk(program, "channels", "rm", "mine").status == 0)
    }

    @Test func `users, groups and money`() async throws {
        let program = try ElkProgram()
        #expect(try await elk(program, "groups", "set", "vip", "--factor", "0.5").status == 0)
        #expect(try await elk(program, "users", "add", "anna", "--group", "vip", "--balance", "10").status == 0)
        #expect(
            try await elk(program, "users", "credit", "anna", "2.50", "--note", "gift").output.contains("12.5 dollars")
        )
        #expect(try await elk(program, "users", "credit", "anna", "--", "-13").status == 1)
        #expect(try await elk(program, "users", "movements", "anna").output.contains("gift"))
        #expect(try await elk(program, "users", "list", "--json").output.contains("\"balance\" : \"12.5\""))
        #expect(try await elk(program, "ledger").output.hasPrefix("The books are right"))
        #expect(try await elk(program, "users", "set", "anna", "--disable-use").status == 0)
        #expect(try await elk(program, "groups", "rm", "vip").status == 1)
        #expect(try await elk(program, "users", "rm", "anna").status == 0)
        #expect(try await elk(program, "groups", "rm", "vip").status == 0)
    }

    @Test func `prices, sums and logs`() async throws {
        let program = try ElkProgram()
        #expect(try await elk(program, "prices", "set", "m", "input=1.5", "output=2").status == 0)
        #expect(try await elk(program, "prices", "set", "m", "colour=1").status == 2)
        #expect(try await elk(program, "prices", "import").status == 0)
        let list = try await elk(program, "prices", "list", "--json")
        #expect(list.output.contains("claude-sonnet-4*"))
        try Data(list.output.utf8).write(to: URL(filePath: program.folder + "/prices.json"))
        #expect(try await elk(program, "prices", "rm", "m").status == 0)
        let again = try await elk(program, "prices", "import", "prices.json")
        #expect(again.output.hasPrefix("1 of "))
        #expect(try await elk(program, "usage", "--by", "day", "--since", "7d").status == 0)
        #expect(try await elk(program, "usage", "--by", "colour").status == 2)
        #expect(try await elk(program, "logs", "--json").output == "[\n\n]\n")
        #expect(try await elk(program, "logs", "req_nothing").status == 1)
    }

    @Test func `a wrong master key is said to be one`() async throws {
        let program = try ElkProgram()
        _ = try await elk(program, "channels", "add", "openai", "--key", "sk-x")
        let other = try await program.run(
            ["channels", "list"],
            environment: ["ELK_MASTER_KEY=" + String(repeating: "x", count: 40)]
        )
        #expect(other.status == 1)
        #expect(other.errors.contains("cannot be opened"))
        let short = try await program.run(["channels", "list"], environment: ["ELK_MASTER_KEY=short-secret"])
        #expect(short.status == 1)
        #expect(!short.errors.contains("short-secret"))
    }

    @Test func `a server that others can reach needs a key, and one that was made is enough`() async throws {
        let program = try ElkProgram()
        let refused = try await elk(program, "serve", "--host", "0.0.0.0", "--port", "0")
        #expect(refused.status == 2)
        #expect(refused.errors.contains("elk keys create"))
    }
}
