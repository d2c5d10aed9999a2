package import ElkStorage

/// What the gateway needs of the database for money.
///
/// `Store` is it; tests put faults between.
///
/// A call that throws may have been carried out all the same.
package protocol Ledger: Sendable {
    func startNode(_ node: Node, now: Int64) async throws(StorageError) -> Money
    func heartbeat(incarnation: String, expires: Int64) async throws(StorageError) -> Bool
    func stopNode(incarnation: String, now: Int64) async throws(StorageError) -> Money
    func expireNodes(now: Int64) async throws(StorageError) -> Money
    /// `Store.lease`: `wanted` or what there is, nil when that is less than `minimum`.
    func draw(
        _ wanted: Money,
        minimum: Money,
        from user: String,
        node incarnation: String,
        now: Int64
    ) async throws(StorageError) -> (lease: WalletLease, added: Money)?
    func giveBack(lease: String, amount: Money?, now: Int64) async throws(StorageError) -> Money
    func settle(_ batch: [SettledRequest], now: Int64) async throws(StorageError) -> SettlementReport
}

extension Store: Ledger {
    package func draw(
        _ wanted: Money,
        minimum: Money,
        from user: String,
        node incarnation: String,
        now: Int64
    ) async throws(StorageError) -> (lease: WalletLease, added: Money)? {
        try await lease(user: user, wanted: wanted, minimum: minimum, node: incarnation, now: now).map {
            ($0.lease, $0.added)
        }
    }
}
