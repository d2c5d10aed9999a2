extension Store {
    /// Creates or replaces each of them, all or none.
    package func savePrices(_ prices: [Price]) async throws(StorageError) {
        for price in prices {
            try FieldCheck.name(price.model, "a price's model")
            for rate in price.rates { try FieldCheck.notNegative(rate, "a price") }
        }
        try await configure { connection in
            for price in prices {
                let rates: [SQL] = price.rates.map { "\($0)" }
                try connection.execute(
                    """
                    INSERT INTO prices (model, \(Price.columns), created)
                    VALUES (\(price.model), \(rates.joined(by: ", ")), \(price.created))
                    ON CONFLICT (model) DO UPDATE SET
                        input = excluded.input, cache_read = excluded.cache_read, cache_write = excluded.cache_write,
                        cache_write_long = excluded.cache_write_long, audio_input = excluded.audio_input,
                        image_input = excluded.image_input, output = excluded.output, reasoning = excluded.reasoning,
                        audio_output = excluded.audio_output, image_output = excluded.image_output,
                        characters = excluded.characters, audio_second = excluded.audio_second, image = excluded.image,
                        search = excluded.search, request = excluded.request
                    """
                )
            }
        }
    }

    package func deletePrice(model: String) async throws(StorageError) {
        try await configure { connection in
            guard try connection.execute("DELETE FROM prices WHERE model = \(model)") == 1 else {
                throw StorageError.notFound("price")
            }
        }
    }

    package func prices() async throws(StorageError) -> [Price] {
        try await read { try Price.all($0) }
    }
}

extension Price {
    fileprivate static let columns: SQL = """
        input, cache_read, cache_write, cache_write_long, audio_input, image_input, output, reasoning, audio_output,
        image_output, characters, audio_second, image, search, request
        """

    /// In the order of the columns.
    fileprivate var rates: [Money?] {
        [
            input, cacheRead, cacheWrite, cacheWriteLong, audioInput, imageInput, output, reasoning, audioOutput,
            imageOutput, characters, audioSecond, image, search, request,
        ]
    }

    static func all(_ connection: any Connection) throws -> [Price] {
        try connection.rows("SELECT model, created, \(columns) FROM prices ORDER BY model").map { row in
            var row = row
            var price = try Price(model: row.text(), created: row.integer())
            price.input = try row.optionalMoney()
            price.cacheRead = try row.optionalMoney()
            price.cacheWrite = try row.optionalMoney()
            price.cacheWriteLong = try row.optionalMoney()
            price.audioInput = try row.optionalMoney()
            price.imageInput = try row.optionalMoney()
            price.output = try row.optionalMoney()
            price.reasoning = try row.optionalMoney()
            price.audioOutput = try row.optionalMoney()
            price.imageOutput = try row.optionalMoney()
            price.characters = try row.optionalMoney()
            price.audioSecond = try row.optionalMoney()
            price.image = try row.optionalMoney()
            price.search = try row.optionalMoney()
            price.request = try row.optionalMoney()
            return price
        }
    }
}
