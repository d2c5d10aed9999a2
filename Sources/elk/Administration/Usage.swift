import ArgumentParser
import ElkGateway
import ElkServer
import ElkStorage

/// Which requests are meant, as options.
struct UsageOptions: ParsableArguments {
    @Option(help: "Only the last 30m, 12h, 7d.")
    var since: String?
    @Option(help: "Only those of this user.")
    var user: String?
    @Option(help: "Only those with this key.")
    var key: String?
    @Option(help: "Only those that this channel answered.")
    var channel: String?
    @Option(help: "Only those for this model.")
    var model: String?
    @Option(help: "Only those that ended so: completed, incomplete, client_abort, upstream_failure, refused …")
    var outcome: String?

    func filter(_ administration: Administration) async throws -> UsageFilter {
        var filter = UsageFilter()
        if let since { filter.from = Clock.now - (try Typed.duration(since, "--since")) }
        if let user { filter.userID = try await administration.user(user).id }
        if let key { filter.keyID = try await administration.key(key).id }
        if let channel { filter.channelID = try await administration.channel(channel).id }
        filter.model = model
        filter.outcome = outcome
        return filter
    }
}

struct Usage: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Sum up what was used and what it cost.")

    @OptionGroup var options: AdminOptions
    @OptionGroup var which: UsageOptions
    @Option(help: "One line for each: day, model, user, key, channel, endpoint, outcome or total.")
    var by = "model"

    func run() async throws {
        guard let dimension = UsageSummary.Dimension(name: by) else {
            let names = UsageSummary.Dimension.allCases.map(\.name).joined(separator: ", ")
            throw CommandFault(.usage, "--by must be one of \(names).")
        }
        let lines = try await options.run { administration in
            try await administration.usage(try await which.filter(administration), by: dimension)
        }
        var table = TextTable(by.uppercased(), "REQUESTS", "INPUT", "CACHED", "OUTPUT", "AUDIO S", "DOLLARS")
        for line in lines {
            table.add(
                dimension == .day ? String(timeText(Int64(line.label)).prefix(10)) : line.label,
                "\(line.requests)",
                "\(line.counts.inputTokens)",
                "\(line.counts.cacheReadTokens)",
                "\(line.counts.outputTokens)",
                "\(line.counts.audioMilliseconds / 1000)",
                line.cost.description
            )
        }
        try options.show(lines.map { UsageSummaryView($0) }, table.text)
    }
}

struct Logs: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show requests, the latest first, or one of them.",
        discussion: "What was asked and answered is not kept; the log holds counts, times and costs."
    )

    @OptionGroup var options: AdminOptions
    @OptionGroup var which: UsageOptions
    @Option(help: "How many.")
    var limit = 20
    @Option(help: "Only those before the request of this id.")
    var before: String?
    @Argument(help: "Id of one request, from its x-request-id.")
    var id: String?

    func run() async throws {
        if let id {
            let row = try await options.run { try await $0.logRow(id) }
            var pretty = options
            pretty.json = true
            return try pretty.show(UsageRowView(row), "")
        }
        let rows = try await options.run { administration in
            try await administration.log(try await which.filter(administration), before: before, limit: limit)
        }
        var table = TextTable("TIME", "MODEL", "OUTCOME", "STATUS", "INPUT", "OUTPUT", "MS", "DOLLARS", "ID")
        for row in rows {
            table.add(
                timeText(row.started),
                row.model,
                row.outcome,
                "\(row.status)",
                "\(row.counts.inputTokens + row.counts.cacheReadTokens)",
                "\(row.counts.outputTokens)",
                "\(row.duration)",
                row.cost.description,
                row.id
            )
        }
        try options.show(rows.map { UsageRowView($0) }, table.text)
    }
}

struct Ledger: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Recompute the books from their postings and compare.",
        discussion: "Exit code 1: something does not add up."
    )

    @OptionGroup var options: AdminOptions

    func run() async throws {
        let report = try await options.run { try await $0.verifyLedger() }
        let verdict = report.isSound ? "The books are right" : "The books are wrong"
        let faults = report.faults.map { "\n  \($0)" }.joined()
        try options.show(
            LedgerView(report),
            "\(verdict): \(report.movements) movements, \(report.postings) postings, sum \(report.sum), "
                + "charged \(report.charged).\(faults)"
        )
        guard report.isSound else { throw CommandFault(.failure) }
    }
}
