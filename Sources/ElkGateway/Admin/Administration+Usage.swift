package import ElkStorage
package import ElkWire

/// Prices, and what was used.
extension Administration {
    package func prices() async throws(Failure) -> [Price] {
        try await run { store throws(StorageError) in try await store.prices() }
    }

    /// Creates or replaces.
    package func savePrices(_ prices: [Price]) async throws(Failure) {
        for price in prices {
            _ = try Self.checked(patterns: [price.model], parameter: "model")
            guard price.rates.allSatisfy({ !$0.isNegative }) else {
                throw .invalidRequest("A price cannot be negative.", parameter: price.model)
            }
        }
        try await run { store throws(StorageError) in try await store.savePrices(prices) }
    }

    package func deletePrice(_ model: String) async throws(Failure) {
        try await run { store throws(StorageError) in try await store.deletePrice(model: model) }
    }

    /// The requests that match, newest first.
    ///
    /// - Parameter before: id of the last row of the page before.
    package func log(
        _ filter: UsageFilter,
        before: String? = nil,
        limit: Int = 50
    ) async throws(Failure) -> [UsageRow] {
        let limit = min(max(limit, 1), Self.maxPage)
        return try await run { store throws(StorageError) in
            try await store.usage(filter, before: before, limit: limit)
        }
    }

    package func logRow(_ id: String) async throws(Failure) -> UsageRow {
        try await run { store throws(StorageError) in try await store.usage(id: id, owner: nil) }
    }

    package func usage(
        _ filter: UsageFilter,
        by dimension: UsageSummary.Dimension
    ) async throws(Failure) -> [UsageSummary] {
        try await run { store throws(StorageError) in try await store.usageSummary(filter, by: dimension) }
    }
}

extension Price {
    /// Every rate that is set.
    fileprivate var rates: [Money] {
        [
            input, cacheRead, cacheWrite, cacheWriteLong, audioInput, imageInput, output, reasoning, audioOutput,
            imageOutput, characters, audioSecond, image, search, request,
        ].compactMap { $0 }
    }
}
