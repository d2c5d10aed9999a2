extension Store {
    /// - Throws: `.conflict` for a taken name or id.
    package func createChannel(_ channel: Channel) async throws(StorageError) {
        try channel.check()
        let keys = try seal(channel)
        try await configure { connection in
            try channel.requireFreeName(connection)
            try connection.execute(
                """
                INSERT INTO channels (id, name, provider, base_url, sealed_keys, models, model_mapping, priority, weight,
                    groups_allowed, overrides, options, is_enabled, created)
                VALUES (\(channel.id), \(channel.name), \(channel.provider), \(channel.baseURL), \(keys),
                    \(JSONText.encode(channel.models)), \(JSONText.encode(channel.modelMapping)), \(channel.priority),
                    \(channel.weight), \(JSONText.encode(channel.groups)), \(channel.overrides), \(channel.options),
                    \(channel.isEnabled), \(channel.created))
                """
            )
        }
    }

    /// Writes everything but the time of creation; the keys, too.
    package func updateChannel(_ channel: Channel) async throws(StorageError) {
        try channel.check()
        let keys = try seal(channel)
        try await configure { connection in
            try channel.requireFreeName(connection)
            let changed = try connection.execute(
                """
                UPDATE channels SET name = \(channel.name), provider = \(channel.provider), base_url = \(channel.baseURL),
                    sealed_keys = \(keys), models = \(JSONText.encode(channel.models)),
                    model_mapping = \(JSONText.encode(channel.modelMapping)), priority = \(channel.priority),
                    weight = \(channel.weight), groups_allowed = \(JSONText.encode(channel.groups)),
                    overrides = \(channel.overrides), options = \(channel.options), is_enabled = \(channel.isEnabled)
                WHERE id = \(channel.id)
                """
            )
            guard changed == 1 else { throw StorageError.notFound("channel") }
        }
    }

    package func deleteChannel(id: String) async throws(StorageError) {
        try await configure { connection in
            guard try connection.execute("DELETE FROM channels WHERE id = \(id)") == 1 else {
                throw StorageError.notFound("channel")
            }
        }
    }

    package func channel(id: String) async throws(StorageError) -> Channel {
        let sealing = self.sealing
        let channel = try await read { try Channel.find("id = \(id)", $0, sealing).first }
        guard let channel else { throw .notFound("channel") }
        return channel
    }

    package func channel(named name: String) async throws(StorageError) -> Channel? {
        let sealing = self.sealing
        return try await read { try Channel.find("name = \(name)", $0, sealing).first }
    }

    package func channels() async throws(StorageError) -> [Channel] {
        let sealing = self.sealing
        return try await read { try Channel.all($0, sealing) }
    }

    private func seal(_ channel: Channel) throws(StorageError) -> [UInt8] {
        let text: String
        do { text = try JSONText.encode(channel.keys.map { $0.reveal() }) } catch { throw StorageError(engine: error) }
        return try sealing.seal(Secret(text), for: Channel.sealingContext(id: channel.id))
    }
}

extension Channel {
    fileprivate static func sealingContext(id: String) -> String { "channel \(id)" }

    static func all(_ connection: any Connection, _ sealing: Sealing) throws -> [Channel] {
        try find("1 = 1", connection, sealing)
    }

    fileprivate static func find(
        _ condition: SQL,
        _ connection: any Connection,
        _ sealing: Sealing
    ) throws -> [Channel] {
        try connection.rows(
            """
            SELECT id, name, provider, base_url, sealed_keys, models, model_mapping, priority, weight, groups_allowed,
                overrides, options, is_enabled, created
            FROM channels WHERE \(condition) ORDER BY name
            """
        ).map { try Channel($0, sealing) }
    }

    private init(_ row: Row, _ sealing: Sealing) throws {
        var row = row
        let id = try row.text()
        self = try Channel(
            id: id,
            name: row.text(),
            provider: row.text(),
            baseURL: row.optionalText(),
            keys: JSONText.list(sealing.open(row.blob(), for: Self.sealingContext(id: id)).reveal()).map(Secret.init),
            models: JSONText.list(row.text()),
            modelMapping: JSONText.map(row.text()),
            priority: row.int(),
            weight: row.int(),
            groups: JSONText.list(row.text()),
            overrides: row.text(),
            options: row.text(),
            isEnabled: row.bool(),
            created: row.integer()
        )
    }

    fileprivate func requireFreeName(_ connection: any Connection) throws {
        guard try connection.integer("SELECT 1 FROM channels WHERE name = \(name) AND id <> \(id)") == nil else {
            throw StorageError(.conflict, "there is a channel of that name")
        }
    }

    fileprivate func check() throws(StorageError) {
        try FieldCheck.name(name, "a channel's name")
        try FieldCheck.name(provider, "a channel's provider")
        try FieldCheck.names(models, "a channel's model")
        try FieldCheck.names(Array(modelMapping.keys) + Array(modelMapping.values), "a channel's mapped model")
        try FieldCheck.names(groups, "a channel's group")
        guard weight >= 0 else { throw StorageError(.invalid, "a channel's weight must not be negative") }
    }
}
