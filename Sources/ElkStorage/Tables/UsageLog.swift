extension Store {
    /// The most rows that one page has.
    package static let longestPage = 1000

    /// - Parameter owner: the user's id; nil: any.
    package func usage(id: String, owner: String?) async throws(StorageError) -> UsageRow {
        let row = try await read { connection in
            let condition: SQL = owner.map { "AND user_id = \($0)" } ?? ""
            return try UsageRow.find("id = \(id) \(condition)", limit: 1, connection).first
        }
        guard let row else { throw .notFound("request") }
        return row
    }

    /// A page of the log, newest first.
    ///
    /// - Parameter before: the id of the last row of the page before; an unknown one gives an empty page.
    package func usage(
        _ filter: UsageFilter,
        before: String? = nil,
        limit: Int
    ) async throws(StorageError) -> [UsageRow] {
        let condition = try filter.condition()
        return try await read { connection in
            var page = condition
            if let before {
                guard let started = try connection.integer("SELECT started FROM usage_log WHERE id = \(before)") else {
                    return []
                }
                page += " AND (started < \(started) OR (started = \(started) AND id < \(before)))"
            }
            return try UsageRow.find(page, limit: min(max(0, limit), Self.longestPage), connection)
        }
    }

    /// Sums over the log, by the values of one dimension; days in their order, all else by cost.
    package func usageSummary(
        _ filter: UsageFilter,
        by dimension: UsageSummary.Dimension
    ) async throws(StorageError) -> [UsageSummary] {
        let condition = try filter.condition()
        let order: SQL = dimension == .day ? "1" : "3 DESC, 1"
        return try await read { connection in
            try connection.rows(
                """
                SELECT \(dimension.label) AS label, COUNT(*), CAST(COALESCE(SUM(cost), 0) AS BIGINT) AS total,
                    \(UsageRow.countSums)
                FROM usage_log WHERE \(condition) GROUP BY 1 ORDER BY \(order)
                """
            ).map(UsageSummary.init)
        }
    }
}

extension UsageFilter {
    fileprivate func condition() throws(StorageError) -> SQL {
        var all: [SQL] = ["1 = 1"]
        if let userID { all.append("user_id = \(userID)") }
        if let keyID { all.append("key_id = \(keyID)") }
        if let channelID { all.append("channel_id = \(channelID)") }
        if let model { all.append("model = \(model)") }
        if let modelContains {
            try FieldCheck.short(modelContains, "a search text")
            all.append("LOWER(model) LIKE \(Self.pattern(containing: modelContains)) ESCAPE '!'")
        }
        if let endpoint { all.append("endpoint = \(endpoint)") }
        if let outcome { all.append("outcome = \(outcome)") }
        if let from { all.append("started >= \(from)") }
        if let to { all.append("started < \(to)") }
        return all.joined(by: " AND ")
    }

    /// Wild cards in the text mean themselves: else a few of them make a search that takes the engine hours.
    static func pattern(containing text: String) -> String {
        var pattern = "%"
        for character in text.lowercased() {
            if "!%_".contains(character) { pattern.append("!") }
            pattern.append(character)
        }
        return pattern + "%"
    }
}

extension UsageSummary {
    fileprivate init(_ row: Row) throws {
        var row = row
        let label = try row.optionalText() ?? ""
        let requests = try row.int()
        let cost = try row.money()
        self = UsageSummary(label: label, requests: requests, counts: try UsageCounts(&row), cost: cost)
    }
}

extension UsageSummary.Dimension {
    fileprivate var label: SQL {
        switch self {
        case .day: "CAST(started / 86400000 * 86400000 AS TEXT)"
        case .model: "model"
        case .user: "user_id"
        case .key: "key_id"
        case .channel: "channel_id"
        case .endpoint: "endpoint"
        case .outcome: "outcome"
        case .total: "''"
        }
    }
}
