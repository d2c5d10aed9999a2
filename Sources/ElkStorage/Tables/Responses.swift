extension Store {
    /// Creates, or replaces one of the same owner.
    ///
    /// - Throws: `.conflict` when the id is another owner's.
    package func saveResponse(_ response: StoredResponse) async throws(StorageError) {
        try await write { connection in
            let changed = try connection.execute(
                """
                INSERT INTO responses (id, owner, channel_id, upstream_id, status, body, input_items, created, expires)
                VALUES (\(response.id), \(response.owner), \(response.channelID), \(response.upstreamID),
                    \(response.status), \(response.body), \(response.inputItems), \(response.created), \(response.expires))
                ON CONFLICT (id) DO UPDATE SET channel_id = excluded.channel_id, upstream_id = excluded.upstream_id,
                    status = excluded.status, body = excluded.body, input_items = excluded.input_items,
                    expires = excluded.expires
                WHERE responses.owner = excluded.owner
                """
            )
            guard changed == 1 else { throw StorageError(.conflict, "there is a response of that id") }
        }
    }

    /// - Throws: `.notFound` also for another owner's and for one whose time has passed.
    package func response(id: String, owner: String, now: Int64) async throws(StorageError) -> StoredResponse {
        let response = try await read { connection in
            try connection.row(
                """
                SELECT id, owner, channel_id, upstream_id, status, body, input_items, created, expires
                FROM responses WHERE id = \(id) AND owner = \(owner) AND expires > \(now)
                """
            ).map(StoredResponse.init)
        }
        guard let response else { throw .notFound("response") }
        return response
    }

    package func deleteResponse(id: String, owner: String) async throws(StorageError) {
        let deleted = try await write { connection in
            try connection.execute("DELETE FROM responses WHERE id = \(id) AND owner = \(owner)")
        }
        guard deleted == 1 else { throw .notFound("response") }
    }

    /// Removes those whose time has passed; returns how many.
    package func sweepResponses(now: Int64) async throws(StorageError) -> Int {
        try await write { try $0.execute("DELETE FROM responses WHERE expires <= \(now)") }
    }
}

extension StoredResponse {
    fileprivate init(_ row: Row) throws {
        var row = row
        self = try StoredResponse(
            id: row.text(),
            owner: row.text(),
            channelID: row.optionalText(),
            upstreamID: row.optionalText(),
            status: row.text(),
            body: row.blob(),
            inputItems: row.blob(),
            created: row.integer(),
            expires: row.integer()
        )
    }
}
