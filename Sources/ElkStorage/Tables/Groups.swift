extension Store {
    /// Creates or replaces; the time of creation stays.
    package func saveGroup(_ group: Group) async throws(StorageError) {
        try FieldCheck.name(group.name, "a group's name")
        try FieldCheck.short(group.title, "a group's title")
        guard group.factor >= 0 else { throw StorageError(.invalid, "a group's factor must not be negative") }
        try await configure { connection in
            try connection.execute(
                """
                INSERT INTO user_groups (name, title, factor, created)
                VALUES (\(group.name), \(group.title), \(group.factor), \(group.created))
                ON CONFLICT (name) DO UPDATE SET title = excluded.title, factor = excluded.factor
                """
            )
        }
    }

    /// - Throws: `.conflict` while users or keys are in it, and for the default group.
    package func deleteGroup(named name: String) async throws(StorageError) {
        guard name != Group.defaultName else { throw StorageError(.conflict, "the default group cannot be removed") }
        try await configure { connection in
            let members = try connection.integer(
                """
                SELECT (SELECT COUNT(*) FROM users WHERE group_name = \(name) AND deleted IS NULL)
                    + (SELECT COUNT(*) FROM keys WHERE group_name = \(name))
                """
            )
            guard members == 0 else {
                throw StorageError(.conflict, "the group has \(members ?? 0) users or keys in it")
            }
            // Deleted users keep their row for the ledger's sake.
            try connection.execute("UPDATE users SET group_name = \(Group.defaultName) WHERE group_name = \(name)")
            guard try connection.execute("DELETE FROM user_groups WHERE name = \(name)") == 1 else {
                throw StorageError.notFound("group")
            }
        }
    }

    package func groups() async throws(StorageError) -> [Group] {
        try await read { try Group.all($0) }
    }
}

extension Group {
    static func all(_ connection: any Connection) throws -> [Group] {
        try connection.rows("SELECT name, title, factor, created FROM user_groups ORDER BY name").map { row in
            var row = row
            return try Group(name: row.text(), title: row.text(), factor: row.int(), created: row.integer())
        }
    }
}
