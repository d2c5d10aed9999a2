extension Store {
    /// All that requests are served from, of one moment.
    package func snapshot() async throws(StorageError) -> Snapshot {
        let sealing = self.sealing
        return try await read { connection in
            try Snapshot(
                users: User.all(connection),
                groups: Group.all(connection),
                keys: Key.all(connection),
                channels: Channel.all(connection, sealing),
                prices: Price.all(connection),
                settings: Store.settings(connection)
            )
        }
    }
}
