extension Store {
    /// Enters a user with an empty balance, whatever the record says of it.
    ///
    /// - Throws: `.conflict` for a taken name or id, `.notFound` for an unknown group.
    package func createUser(_ user: User) async throws(StorageError) {
        try FieldCheck.name(user.name, "a user's name")
        try await configure { connection in
            try Group.require(user.group, connection)
            try User.requireFree(name: user.name, except: nil, connection)
            try connection.execute(
                """
                INSERT INTO users (id, name, group_name, is_unlimited, is_enabled, created)
                VALUES (\(user.id), \(user.name), \(user.group), \(user.isUnlimited), \(user.isEnabled), \(user.created))
                """
            )
            for account in [LedgerAccount.user, .reserved, .tab] {
                try connection.execute(
                    "INSERT INTO balances (account, owner, amount) VALUES (\(account.rawValue), \(user.id), 0)"
                )
            }
        }
    }

    /// Writes everything but the balances and the time of creation.
    ///
    /// - Throws: `.notFound`, also for the group; `.conflict` for a taken name.
    package func updateUser(_ user: User) async throws(StorageError) {
        try FieldCheck.name(user.name, "a user's name")
        try await configure { connection in
            try Group.require(user.group, connection)
            try User.requireFree(name: user.name, except: user.id, connection)
            let changed = try connection.execute(
                """
                UPDATE users SET name = \(user.name), group_name = \(user.group), is_unlimited = \(user.isUnlimited),
                    is_enabled = \(user.isEnabled)
                WHERE id = \(user.id) AND deleted IS NULL
                """
            )
            guard changed == 1 else { throw StorageError.notFound("user") }
        }
    }

    /// Removes a user with all keys and stored responses, and takes back the balance.
    ///
    /// The log and the ledger keep what was. What nodes hold leases on comes back to the account when they end, and
    /// stays there.
    ///
    /// - Throws: `.notFound`; `.conflict` for the built-in user.
    package func deleteUser(id: String, now: Int64) async throws(StorageError) {
        guard id != User.localID else { throw StorageError(.conflict, "the built-in user cannot be removed") }
        let movement = newID(at: now)
        try await configure { connection in
            let user = try User.find("u.id = \(id)", connection)
            guard let user else { throw StorageError.notFound("user") }
            try connection.execute("DELETE FROM keys WHERE user_id = \(id)")
            try connection.execute("DELETE FROM responses WHERE owner = \(id)")
            if user.balance.isPositive {
                try Ledger(connection).move(
                    user.balance,
                    from: (.user, id),
                    to: (.granted, ""),
                    as: Movement(id: movement, reason: .removal, note: "", created: now)
                )
            }
            try connection.execute("UPDATE users SET deleted = \(now), is_enabled = 0 WHERE id = \(id)")
        }
    }

    package func user(id: String) async throws(StorageError) -> User {
        let user = try await read { try User.find("u.id = \(id)", $0) }
        guard let user else { throw .notFound("user") }
        return user
    }

    package func user(named name: String) async throws(StorageError) -> User? {
        try await read { try User.find("u.name = \(name)", $0) }
    }

    package func users() async throws(StorageError) -> [User] {
        try await read { try User.all($0) }
    }
}

extension User {
    static func all(_ connection: any Connection) throws -> [User] {
        try connection.rows("\(selection) ORDER BY u.name").map(User.init)
    }

    static func find(_ condition: SQL, _ connection: any Connection) throws -> User? {
        try connection.row("\(selection) AND \(condition)").map(User.init)
    }

    static func requireFree(name: String, except id: String?, _ connection: any Connection) throws {
        if let taken = try find("u.name = \(name)", connection), taken.id != id {
            throw StorageError(.conflict, "there is a user of that name")
        }
    }

    private static let selection: SQL = """
        SELECT u.id, u.name, u.group_name, free.amount, held.amount, u.is_unlimited, u.is_enabled, u.created
        FROM users u
        JOIN balances free ON free.account = 'user' AND free.owner = u.id
        JOIN balances held ON held.account = 'reserved' AND held.owner = u.id
        WHERE u.deleted IS NULL
        """

    private init(_ row: Row) throws {
        var row = row
        self = try User(
            id: row.text(),
            name: row.text(),
            group: row.text(),
            balance: row.money(),
            reserved: row.money(),
            isUnlimited: row.bool(),
            isEnabled: row.bool(),
            created: row.integer()
        )
    }
}

extension Group {
    static func require(_ name: String, _ connection: any Connection) throws {
        guard try connection.integer("SELECT 1 FROM user_groups WHERE name = \(name)") != nil else {
            throw StorageError.notFound("group")
        }
    }
}
