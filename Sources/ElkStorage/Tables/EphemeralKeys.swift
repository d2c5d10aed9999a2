extension Store {
    /// Enters a key, and removes all whose time has passed.
    ///
    /// - Parameter limit: as many may one minter have at a time.
    /// - Returns: false when it has as many, and nothing was entered.
    package func createEphemeralKey(
        _ key: EphemeralKey,
        limit: Int,
        now: Int64
    ) async throws(StorageError) -> Bool {
        let minter = key.minter?.bytes ?? []
        var opening: [UInt8] = []
        if let text = key.opening { opening = try sealing.seal(Secret(text), for: EphemeralKey.context(key.digest)) }
        return try await write { [opening] connection in
            try connection.execute("DELETE FROM ephemeral_keys WHERE expires <= \(now)")
            let count = try connection.integer("SELECT COUNT(*) FROM ephemeral_keys WHERE minter = \(minter)") ?? 0
            guard count < Int64(limit) else { return false }
            try connection.execute(
                """
                INSERT INTO ephemeral_keys (digest, minter, opening, expires)
                VALUES (\(key.digest), \(minter), \(opening), \(key.expires))
                """
            )
            return true
        }
    }

    /// Nil also for one whose time has passed.
    package func ephemeralKey(digest: KeyDigest, now: Int64) async throws(StorageError) -> EphemeralKey? {
        let found = try await read { connection -> (minter: [UInt8], opening: [UInt8], expires: Int64)? in
            let row = try connection.row(
                """
                SELECT minter, opening, expires FROM ephemeral_keys WHERE digest = \(digest) AND expires > \(now)
                """
            )
            guard var row else { return nil }
            return (try row.blob(), try row.blob(), try row.integer())
        }
        guard let found else { return nil }
        let minter = KeyDigest(bytes: found.minter)
        guard minter != nil || found.minter.isEmpty else {
            throw StorageError(.corrupt, "the minter of an ephemeral key is damaged")
        }
        var opening: String?
        if !found.opening.isEmpty {
            opening = try sealing.open(found.opening, for: EphemeralKey.context(digest)).reveal()
        }
        return EphemeralKey(digest: digest, minter: minter, opening: opening, expires: found.expires)
    }
}

extension EphemeralKey {
    /// What the opening is sealed for: a row of another key does not open with it.
    fileprivate static func context(_ digest: KeyDigest) -> String {
        "ephemeral key " + digest.bytes.map { String($0, radix: 16) }.joined(separator: ".")
    }
}
