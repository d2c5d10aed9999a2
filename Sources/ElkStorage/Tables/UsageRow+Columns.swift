extension UsageRow {
    private static let columns: SQL = """
        id, started, user_id, key_id, channel_id, model, upstream_model, endpoint, outcome, status, is_stream, source, cost,
        group_name, attempts, explanation, first_byte, duration, address, movement,
        input_tokens, cache_read_tokens, cache_write_tokens, cache_write_long_tokens, audio_input_tokens,
        image_input_tokens, output_tokens, reasoning_tokens, audio_output_tokens, image_output_tokens,
        audio_milliseconds, characters, images, requests, searches
        """

    /// The sums of the counts, in the order in which `UsageCounts` reads them.
    static let countSums: SQL = """
        CAST(SUM(input_tokens) AS BIGINT), CAST(SUM(cache_read_tokens) AS BIGINT),
        CAST(SUM(cache_write_tokens) AS BIGINT), CAST(SUM(cache_write_long_tokens) AS BIGINT),
        CAST(SUM(audio_input_tokens) AS BIGINT), CAST(SUM(image_input_tokens) AS BIGINT),
        CAST(SUM(output_tokens) AS BIGINT), CAST(SUM(reasoning_tokens) AS BIGINT),
        CAST(SUM(audio_output_tokens) AS BIGINT), CAST(SUM(image_output_tokens) AS BIGINT),
        CAST(SUM(audio_milliseconds) AS BIGINT), CAST(SUM(characters) AS BIGINT), CAST(SUM(images) AS BIGINT),
        CAST(SUM(requests) AS BIGINT), CAST(SUM(searches) AS BIGINT)
        """

    private static let insertion: SQL = {
        let values = [SQL](repeating: "\(SQLValue.null)", count: 35)
        return "INSERT INTO usage_log (\(columns)) VALUES (\(values.joined(by: ", "))) ON CONFLICT (id) DO NOTHING"
    }()

    /// Returns for each row whether it is new.
    static func insert(_ rows: [UsageRow], _ connection: any Connection) throws -> [Bool] {
        try connection.execute(insertion, forEach: rows.map(\.values))
    }

    /// Newest first.
    static func find(_ condition: SQL, limit: Int, _ connection: any Connection) throws -> [UsageRow] {
        try connection.rows(
            "SELECT \(columns) FROM usage_log WHERE \(condition) ORDER BY started DESC, id DESC LIMIT \(limit)"
        ).map(UsageRow.init)
    }

    /// In the order of the columns.
    private var values: [SQLValue] {
        [
            id.sqlValue, started.sqlValue, userID.sqlValue, keyID.sqlValue, channelID.sqlValue, model.sqlValue,
            upstreamModel.sqlValue, endpoint.sqlValue, outcome.sqlValue, status.sqlValue, isStream.sqlValue,
            source.sqlValue, cost.sqlValue, group.sqlValue, attempts.sqlValue, explanation.sqlValue,
            firstByte.sqlValue, duration.sqlValue, address.sqlValue, movement.sqlValue,
            counts.inputTokens.sqlValue, counts.cacheReadTokens.sqlValue, counts.cacheWriteTokens.sqlValue,
            counts.cacheWriteLongTokens.sqlValue, counts.audioInputTokens.sqlValue, counts.imageInputTokens.sqlValue,
            counts.outputTokens.sqlValue, counts.reasoningTokens.sqlValue, counts.audioOutputTokens.sqlValue,
            counts.imageOutputTokens.sqlValue, counts.audioMilliseconds.sqlValue, counts.characters.sqlValue,
            counts.images.sqlValue, counts.requests.sqlValue, counts.searches.sqlValue,
        ]
    }

    private init(_ row: Row) throws {
        var row = row
        let id = try row.text()
        let started = try row.integer()
        self = try UsageRow(
            id: id,
            userID: row.text(),
            keyID: row.optionalText(),
            channelID: row.optionalText(),
            model: row.text(),
            upstreamModel: row.optionalText(),
            endpoint: row.text(),
            outcome: row.text(),
            status: row.int(),
            isStream: row.bool(),
            source: row.text(),
            cost: row.money(),
            group: row.optionalText(),
            attempts: row.text(),
            explanation: row.text(),
            started: started,
            firstByte: row.optionalInteger(),
            duration: row.integer(),
            address: row.optionalText()
        )
        movement = try row.optionalText()
        counts = try UsageCounts(&row)
    }
}

extension UsageCounts {
    init(_ row: inout Row) throws {
        inputTokens = try row.int()
        cacheReadTokens = try row.int()
        cacheWriteTokens = try row.int()
        cacheWriteLongTokens = try row.int()
        audioInputTokens = try row.int()
        imageInputTokens = try row.int()
        outputTokens = try row.int()
        reasoningTokens = try row.int()
        audioOutputTokens = try row.int()
        imageOutputTokens = try row.int()
        audioMilliseconds = try row.int()
        characters = try row.int()
        images = try row.int()
        requests = try row.int()
        searches = try row.int()
    }
}
