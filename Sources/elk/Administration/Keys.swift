import ArgumentParser
import ElkGateway
import ElkServer
import ElkStorage

struct Keys: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make and limit the keys that clients use.",
        subcommands: [Create.self, List.self, Show.self, Change.self, Remove.self, Root.self]
    )
}

/// What a key may do, as options.
struct KeyLimitOptions: ParsableArguments {
    @Option(help: "Models it may use, with commas between them; * at the end stands for anything.")
    var models: String?
    @Option(help: "Addresses and networks it may be used from, such as 10.0.0.0/8.")
    var networks: String?
    @Option(help: "Dollars it may spend in its life; none takes the limit away.")
    var budget: String?
    @Option(help: "Time until it ends, such as 30d; none takes the end away.")
    var expires: String?
    @Option(help: "Requests a minute; none takes the limit away.")
    var rpm: String?
    @Option(help: "Tokens a minute; none takes the limit away.")
    var tpm: String?
    @Option(help: "Requests at the same time; none takes the limit away.")
    var parallel: String?
    @Option(help: "Group whose prices and channels it has instead of its user's; none takes it away.")
    var group: String?

    func limits() throws(CommandFault) -> Administration.KeyLimits {
        var limits = Administration.KeyLimits()
        if let models { limits.models = .set(Typed.list(models)) }
        if let networks { limits.networks = .set(Typed.list(networks)) }
        limits.budget = try change(budget) { text throws(CommandFault) in try Typed.money(text, "--budget") }
        limits.expires = try change(expires) { text throws(CommandFault) in
            Clock.now + (try Typed.duration(text, "--expires"))
        }
        limits.requestsPerMinute = try change(rpm) { text throws(CommandFault) in try number(text, "--rpm") }
        limits.tokensPerMinute = try change(tpm) { text throws(CommandFault) in try number(text, "--tpm") }
        limits.maxParallel = try change(parallel) { text throws(CommandFault) in try number(text, "--parallel") }
        limits.group = try change(group) { text throws(CommandFault) in text }
        return limits
    }

    private func change<Value>(
        _ text: String?,
        _ read: (String) throws(CommandFault) -> Value
    ) throws(CommandFault) -> Change<Value?> {
        guard let text else { return .keep }
        return .set(text == "none" ? nil : try read(text))
    }

    private func number(_ text: String, _ name: String) throws(CommandFault) -> Int {
        guard let number = Int(text), number > 0 else {
            throw CommandFault(.usage, "\(name) must be a whole number above 0, not '\(text)'.")
        }
        return number
    }
}

extension Keys {
    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key and print it, this once.",
            discussion: "The first key that is made ends the time when this machine could use the server without one."
        )

        @OptionGroup var options: AdminOptions
        @OptionGroup var limits: KeyLimitOptions
        @Option(help: "User who pays; the built-in one otherwise, which pays nothing.")
        var user: String?
        @Argument(help: "What you call it.")
        var name: String

        func run() async throws {
            let limits = try limits.limits()
            let (key, text) = try await options.run {
                try await $0.createKey(name: name, user: user, limits: limits)
            }
            try options.show(KeyView(key, text: text), text.reveal())
            if !options.json, Console.outputFault == nil {
                Console.error("Keep it: only its digest is stored, and nobody can show it again.")
            }
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show all keys.")

        @OptionGroup var options: AdminOptions
        @Option(help: "Only those of this user.")
        var user: String?

        func run() async throws {
            let (keys, users) = try await options.run { (try await $0.keys(user: user), try await $0.users()) }
            let names = Dictionary(users.map { ($0.id, $0.name) }) { first, _ in first }
            var table = TextTable("NAME", "KEY", "USER", "STATE", "SPENT", "BUDGET", "EXPIRES", "LAST USED", "ID")
            for key in keys {
                table.add(
                    key.name,
                    key.prefix + "…",
                    names[key.userID] ?? key.userID,
                    key.isEnabled ? "on" : "off",
                    key.spent.description,
                    key.budget?.description ?? "-",
                    timeText(key.expires),
                    timeText(key.lastUsed),
                    key.id
                )
            }
            try options.show(keys.map { KeyView($0) }, table.text)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one key and its limits.")

        @OptionGroup var options: AdminOptions
        @Argument(help: "Id, name or visible part.")
        var key: String

        func run() async throws {
            try await options.showKey(try await options.run { try await $0.key(key) })
        }
    }

    struct Change: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "set", abstract: "Change what a key may do.")

        @OptionGroup var options: AdminOptions
        @OptionGroup var limits: KeyLimitOptions
        @Flag(inversion: .prefixedEnableDisable, help: "Whether it works at all.")
        var use: Bool?
        @Option(help: "Another name.")
        var name: String?
        @Argument(help: "Id, name or visible part.")
        var key: String

        func run() async throws {
            var limits = try limits.limits()
            if let use { limits.isEnabled = .set(use) }
            if let name { limits.name = .set(name) }
            let changes = limits
            try await options.showKey(try await options.run { try await $0.changeKey(key, changes) })
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "rm", abstract: "Delete keys.")

        @OptionGroup var options: AdminOptions
        @Argument(help: "Ids, names or visible parts.")
        var keys: [String]

        func run() async throws {
            try await options.run { administration in
                for key in keys { try await administration.deleteKey(key) }
            }
        }
    }

    struct Root: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Say where the root credential is that opens the admin API.",
            discussion: "The root credential opens /api/admin and /metrics, and nothing else: no model answers to it."
        )

        @OptionGroup var settings: SettingsOptions
        @Flag(help: "Replace it; restart a running server afterwards.")
        var renew = false

        func run() async throws {
            let folder = DataFolder(try settings.load().storage)
            let store = try await folder.open()
            defer { try? store.close() }
            if renew { try await folder.renewRootKey(in: store) }
            _ = try await folder.rootDigest(in: store)
            Console.output(folder.rootKeyPath + "\n")
        }
    }
}

extension AdminOptions {
    fileprivate func showKey(_ key: Key) async throws {
        var table = TextTable("id", key.id)
        table.add("name", key.name)
        table.add("key", key.prefix + "…")
        table.add("user", key.userID)
        table.add("state", key.isEnabled ? "on" : "off")
        table.add("models", key.models.isEmpty ? "all" : key.models.joined(separator: ", "))
        table.add("networks", key.networks.isEmpty ? "all" : key.networks.joined(separator: ", "))
        table.add("spent", key.spent.description)
        table.add("budget", key.budget?.description ?? "none")
        table.add("requests a minute", key.requestsPerMinute.map(String.init) ?? "no limit")
        table.add("tokens a minute", key.tokensPerMinute.map(String.init) ?? "no limit")
        table.add("at the same time", key.maxParallel.map(String.init) ?? "no limit")
        table.add("group", key.group ?? "its user's")
        table.add("expires", timeText(key.expires))
        table.add("last used", timeText(key.lastUsed))
        try show(KeyView(key), table.text)
    }
}
