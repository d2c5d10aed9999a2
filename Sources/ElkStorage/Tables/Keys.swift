extension Store {
    /// Enters a key that has spent nothing, whatever the record says.
    ///
    /// - Throws: `.conflict` for a digest or id that is there already, `.notFound` for an unknown user or group.
    package func createKey(_ key: Key) async throws(StorageError) {
        try key.check()
        try await configure { connection in
            guard try User.find("u.id = \(key.userID)", connection) != nil else { throw StorageError.notFound("user") }
            if let group = key.group { try Group.require(group, connection) }
            try connection.execute(
                """
                INSERT INTO keys (id, user_id, name, prefix, digest, is_enabled, expires, models, networks, budget, spent,
                    requests_per_minute, tokens_per_minute, max_parallel, group_name, created)
                VALUES (\(key.id), \(key.userID), \(key.name), \(key.prefix), \(key.digest), \(key.isEnabled), \(key.expires),
                    \(JSONText.encode(key.models)), \(JSONText.encode(key.networks)), \(key.budget), 0,
                    \(key.requestsPerMinute), \(key.tokensPerMinute), \(key.maxParallel), \(key.group), \(key.created))
                """
            )
        }
    }

    /// Writes everything but user, prefix, digest, what was spent and the times of creation and use.
    ///
    /// - Throws: `.notFound`, also for the group, and for a key of another user than the record's.
    package func updateKey(_ key: Key) async throws(StorageError) {
        try key.check()
        try await configure { connection in
            if let group = key.group { try Group.require(group, connection) }
            let changed = try connection.execute(
                """
                UPDATE keys SET name = \(key.name), is_enabled = \(key.isEnabled), expires = \(key.expires),
                    models = \(JSONText.encode(key.models)), networks = \(JSONText.encode(key.networks)),
                    budget = \(key.budget), requests_per_minute = \(key.requestsPerMinute),
                    tokens_per_minute = \(key.tokensPerMinute), max_parallel = \(key.maxParallel), group_name = \(key.group)
                WHERE id = \(key.id) AND user_id = \(key.userID)
                """
            )
            guard changed == 1 else { throw StorageError.notFound("key") }
        }
    }

    package func deleteKey(id: String, owner: String?) async throws(StorageError) {
        try await configure { connection in
            let deleted = try connection.execute("DELETE FROM keys WHERE \(Key.condition(id: id, owner: owner))")
            guard deleted == 1 else { throw StorageError.notFound("key") }
        }
    }

    package func key(id: String, owner: String?) async throws(StorageError) -> Key {
        let key = try await read { try Key.find(Key.condition(id: id, owner: owner), $0).first }
        guard let key else { throw .notFound("key") }
        return key
    }

    package func key(digest: KeyDigest) async throws(StorageError) -> Key? {
        try await read { try Key.find("digest = \(digest)", $0).first }
    }

    package func keys(owner: String?) async throws(StorageError) -> [Key] {
        try await read { connection in
            guard let owner else { return try Key.all(connection) }
            return try Key.find("user_id = \(owner)", connection)
        }
    }

    package func keyCount() async throws(StorageError) -> Int {
        Int(try await read { try $0.integer("SELECT COUNT(*) FROM keys") } ?? 0)
    }
}

extension Key {
    static func all(_ connection: any Connection) throws -> [Key] { try find("1 = 1", connection) }

    fileprivate static func condition(id: String, owner: String?) -> SQL {
        guard let owner else { return "id = \(id)" }
        return "id = \(id) AND user_id = \(owner)"
    }

    fileprivate static func find(_ condition: SQL, _ connection: any Connection) throws -> [Key] {
        try connection.rows(
            """
            SELECT id, user_id, name, prefix, digest, is_enabled, expires, models, networks, budget, spent,
                requests_per_minute, tokens_per_minute, max_parallel, group_name, created, last_used
            FROM keys WHERE \(condition) ORDER BY id
            """
        ).map(Key.init)
    }

    private init(_ row: Row) throws {
        var row = row
        self = try Key(
            id: row.text(),
            userID: row.text(),
            name: row.text(),
            prefix: row.text(),
            digest: row.digest(),
            isEnabled: row.bool(),
            expires: row.optionalInteger(),
            models: JSONText.list(row.text()),
            networks: JSONText.list(row.text()),
            budget: row.optionalMoney(),
            spent: row.money(),
            requestsPerMinute: row.optionalInt(),
            tokensPerMinute: row.optionalInt(),
            maxParallel: row.optionalInt(),
            group: row.optionalText(),
            created: row.integer(),
            lastUsed: row.optionalInteger()
        )
    }

    fileprivate func check() throws(StorageError) {
        try FieldCheck.name(name, "a key's name")
        try FieldCheck.names(models, "a key's model")
        try FieldCheck.names(networks, "a key's network")
        try FieldCheck.notNegative(budget, "a key's budget")
        try FieldCheck.positive(requestsPerMinute, "requests per minute")
        try FieldCheck.positive(tokensPerMinute, "tokens per minute")
        try FieldCheck.positive(maxParallel, "the number of parallel requests")
    }
}
