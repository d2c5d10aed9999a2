extension Store {
    package func setting(_ name: String) async throws(StorageError) -> String? {
        try await read { connection in
            guard var row = try connection.row("SELECT value FROM settings WHERE name = \(name)") else { return nil }
            return try row.text()
        }
    }

    /// Nil removes it.
    ///
    /// Not for secrets: settings are stored in clear.
    package func setSetting(_ name: String, to value: String?) async throws(StorageError) {
        try FieldCheck.name(name, "a setting's name")
        try await configure { connection in
            guard let value else {
                try connection.execute("DELETE FROM settings WHERE name = \(name)")
                return
            }
            try connection.execute(
                """
                INSERT INTO settings (name, value) VALUES (\(name), \(value))
                ON CONFLICT (name) DO UPDATE SET value = excluded.value
                """
            )
        }
    }

    static func settings(_ connection: any Connection) throws -> [String: String] {
        var settings: [String: String] = [:]
        for var row in try connection.rows("SELECT name, value FROM settings") {
            settings[try row.text()] = try row.text()
        }
        return settings
    }

    /// The digest of the administration's credential; nil before it was made.
    package func rootDigest() async throws(StorageError) -> KeyDigest? {
        guard let bytes = try await read({ try Self.vault("root", $0) }) else { return nil }
        guard let digest = KeyDigest(bytes: bytes) else { throw StorageError(.corrupt, "the root digest is damaged") }
        return digest
    }

    package func setRootDigest(_ digest: KeyDigest) async throws(StorageError) {
        try await configure { connection in
            try connection.execute(
                """
                INSERT INTO vault (name, value) VALUES ('root', \(digest))
                ON CONFLICT (name) DO UPDATE SET value = excluded.value
                """
            )
        }
    }

    /// A first opening leaves a sealed mark; later ones must be able to read it.
    func proveMasterKey() async throws(StorageError) {
        let context = "master key"
        let mark = try sealing.seal(Secret("elk"), for: context)
        let stored = try await write { connection in
            try connection.execute(
                "INSERT INTO vault (name, value) VALUES ('master', \(mark)) ON CONFLICT (name) DO NOTHING"
            )
            return try Self.vault("master", connection) ?? []
        }
        guard (try? sealing.open(stored, for: context)) != nil else {
            throw StorageError(.wrongMasterKey, "the database was sealed under another master key")
        }
    }

    private static func vault(_ name: String, _ connection: any Connection) throws -> [UInt8]? {
        guard var row = try connection.row("SELECT value FROM vault WHERE name = \(name)") else { return nil }
        return try row.blob()
    }
}
