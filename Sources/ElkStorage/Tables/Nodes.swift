extension Store {
    /// Enters a process that has started.
    ///
    /// What an earlier process of the same name still had on lease returns at once, so a restart after a crash does not
    /// wait for the expiry. Returns how much came back.
    package func startNode(_ node: Node, now: Int64) async throws(StorageError) -> Money {
        let ids = self.ids
        return try await configure { connection in
            let returned = try Leases(connection, ids).retire("name = \(node.name)", reason: .expire, now: now)
            try connection.execute(
                """
                INSERT INTO nodes (incarnation, name, started, expires)
                VALUES (\(node.incarnation), \(node.name), \(node.started), \(node.expires))
                """
            )
            return returned
        }
    }

    /// Says that a node lives and until when that holds.
    ///
    /// - Returns: false when the node was taken for dead: its leases are gone. It must forget its wallets and start anew under
    ///   another incarnation; what it still has to settle is charged to the balances.
    package func heartbeat(incarnation: String, expires: Int64) async throws(StorageError) -> Bool {
        try await write { connection in
            try connection.execute("UPDATE nodes SET expires = \(expires) WHERE incarnation = \(incarnation)") == 1
        }
    }

    /// Ends a node: its leases return.
    ///
    /// Call it when all is settled. Returns how much came back.
    package func stopNode(incarnation: String, now: Int64) async throws(StorageError) -> Money {
        let ids = self.ids
        return try await configure {
            try Leases($0, ids).retire("incarnation = \(incarnation)", reason: .giveBack, now: now)
        }
    }

    /// Ends the nodes whose time has passed, as after a crash.
    ///
    /// Returns how much came back.
    package func expireNodes(now: Int64) async throws(StorageError) -> Money {
        let ids = self.ids
        return try await write { try Leases($0, ids).retire("expires < \(now)", reason: .expire, now: now) }
    }

    package func nodes() async throws(StorageError) -> [Node] {
        try await read { connection in
            try connection.rows("SELECT incarnation, name, started, expires FROM nodes ORDER BY name").map { row in
                var row = row
                return try Node(
                    incarnation: row.text(),
                    name: row.text(),
                    started: row.integer(),
                    expires: row.integer()
                )
            }
        }
    }
}
