import ArgumentParser
import ElkGateway
import ElkProviders
import ElkServer
import ElkStorage

struct Channels: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Administer channels: your accounts at providers, and servers of your own.",
        subcommands: [Add.self, List.self, Show.self, Change.self, Test.self, Remove.self, Providers.self]
    )
}

/// What a channel is, as options.
struct ChannelOptions: ParsableArguments {
    @Option(help: "Key at the provider; give it again for several, - reads one from standard input.")
    var key: [String] = []
    @Option(help: "Address instead of the provider's own, such as http://127.0.0.1:11434/v1.")
    var baseURL: String?
    @Option(help: "Models it serves, with commas between them; * at the end stands for anything.")
    var models: String?
    @Option(help: "Names at the provider: NAME=THEIRS, with commas between them.")
    var map: String?
    @Option(help: "The highest is tried first.")
    var priority: Int?
    @Option(help: "Share among channels of one priority.")
    var weight: Int?
    @Option(help: "Groups that may use it, with commas between them; all otherwise.")
    var groups: String?
    @Option(help: "JSON object of members that are set (or, with null, removed) in every request.")
    var overrides: String?
    @Option(help: "JSON object: organization, project, api_version, headers, idle_seconds and such.")
    var options: String?

    func changes() throws(CommandFault) -> Administration.ChannelChanges {
        var changes = Administration.ChannelChanges()
        if !key.isEmpty {
            var keys: [ElkStorage.Secret] = []
            for text in key { keys.append(try Typed.secret(text)) }
            changes.keys = .set(keys)
        }
        if let baseURL { changes.baseURL = .set(baseURL == "none" ? nil : baseURL) }
        if let models { changes.models = .set(Typed.list(models)) }
        if let map { changes.modelMapping = .set(try Typed.pairs(map, "--map")) }
        if let priority { changes.priority = .set(priority) }
        if let weight { changes.weight = .set(weight) }
        if let groups { changes.groups = .set(Typed.list(groups)) }
        if let overrides { changes.overrides = .set(overrides) }
        if let options { changes.options = .set(options) }
        return changes
    }
}

extension Channels {
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add a channel.",
            discussion: """
                PROVIDER is one of elk channels providers. Without --models it serves the models that the provider's names \
                begin like.
                """
        )

        @OptionGroup var options: AdminOptions
        @OptionGroup var channel: ChannelOptions
        @Option(help: "What you call it; the provider's name otherwise.")
        var name: String?
        @Argument var provider: String

        func run() async throws {
            let changes = try channel.changes()
            let made = try await options.run {
                try await $0.createChannel(provider: provider, name: name, changes)
            }
            try options.show(
                ChannelView(made),
                "The channel \(made.name) serves \(made.models.joined(separator: ", "))."
            )
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show all channels.")

        @OptionGroup var options: AdminOptions

        func run() async throws {
            let channels = try await options.run { try await $0.channels() }
            var table = TextTable("NAME", "PROVIDER", "STATE", "PRIORITY", "WEIGHT", "KEYS", "MODELS")
            for channel in channels {
                table.add(
                    channel.name,
                    channel.provider,
                    channel.isEnabled ? "on" : "off",
                    "\(channel.priority)",
                    "\(channel.weight)",
                    "\(channel.keys.count)",
                    channel.models.joined(separator: ", ")
                )
            }
            try options.show(channels.map { ChannelView($0) }, table.text)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show one channel.")

        @OptionGroup var options: AdminOptions
        @Argument(help: "Name or id.")
        var name: String

        func run() async throws {
            try options.showChannel(try await options.run { try await $0.channel(name) })
        }
    }

    struct Change: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "set", abstract: "Change a channel.")

        @OptionGroup var options: AdminOptions
        @OptionGroup var channel: ChannelOptions
        @Option(help: "Another name.")
        var rename: String?
        @Flag(inversion: .prefixedEnableDisable, help: "Whether it is used at all.")
        var use: Bool?
        @Argument(help: "Name or id.")
        var name: String

        func run() async throws {
            var changes = try channel.changes()
            if let rename { changes.name = .set(rename) }
            if let use { changes.isEnabled = .set(use) }
            let wanted = changes
            try options.showChannel(try await options.run { try await $0.changeChannel(name, wanted) })
        }
    }

    struct Test: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Send a tiny request to a channel and say what came back.",
            discussion:
                "It is a real request: the provider may charge a fraction of a cent for it. Exit code 1: it failed."
        )

        @OptionGroup var options: AdminOptions
        @Option(help: "Model to ask for; the channel's first that is no pattern otherwise.")
        var model: String?
        @Argument(help: "Name or id.")
        var name: String

        func run() async throws {
            let result = try await options.run { administration in
                try await ChannelTest().run(try await administration.channel(name), model: model, now: Clock.now)
            }
            let status = result.status > 0 ? "status \(result.status)" : "no answer"
            let verdict = result.isGood ? "works" : "fails: \(result.message)"
            try options.show(
                ChannelTestView(result),
                "\(name) \(verdict) (\(result.model), \(status), \(result.milliseconds) ms)"
            )
            guard result.isGood else { throw CommandFault(.failure) }
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "rm", abstract: "Delete channels.")

        @OptionGroup var options: AdminOptions
        @Argument(help: "Names or ids.")
        var names: [String]

        func run() async throws {
            try await options.run { administration in
                for name in names { try await administration.deleteChannel(name) }
            }
        }
    }

    struct Providers: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show the providers that channels can be of.")

        @Flag(help: "JSON for machines instead of text for people.")
        var json = false

        func run() async throws {
            let providers = Provider.all.sorted { $0.id < $1.id }
            var table = TextTable("PROVIDER", "NAME", "ADDRESS")
            for provider in providers {
                table.add(provider.id, provider.title, provider.baseURL ?? "yours: --base-url")
            }
            var options = AdminOptions()
            options.json = json
            try options.show(providers.map { ProviderView($0) }, table.text)
        }
    }
}

extension AdminOptions {
    fileprivate func showChannel(_ channel: Channel) throws {
        var table = TextTable("id", channel.id)
        table.add("name", channel.name)
        table.add("provider", channel.provider)
        table.add("address", channel.baseURL ?? "the provider's own")
        table.add("state", channel.isEnabled ? "on" : "off")
        table.add("keys", channel.keys.map(\.hint).joined(separator: ", "))
        table.add("models", channel.models.joined(separator: ", "))
        let mapping = channel.modelMapping.sorted { $0.key < $1.key }.map { "\($0)=\($1)" }
        table.add("mapping", mapping.isEmpty ? "none" : mapping.joined(separator: ", "))
        table.add("priority", "\(channel.priority)")
        table.add("weight", "\(channel.weight)")
        table.add("groups", channel.groups.isEmpty ? "all" : channel.groups.joined(separator: ", "))
        table.add("overrides", channel.overrides)
        table.add("options", channel.options)
        try show(ChannelView(channel), table.text)
    }
}
