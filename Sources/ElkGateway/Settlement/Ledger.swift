package import ElkStorage

/// What the gateway needs of the database for money. `Store` is it; tests put faults between.
///
/// A call that throws may have been carried out all the same.
package protocol Ledger: Sendable {
    func startNode(_ node: Node, now: Int64) async throws(StorageError) -> Money
    func heartbeat(incarnation: String, expires: Int64) async throws(StorageError) -> Bool
    func stopNode(incarnation: String, now: Int64) async throws(StorageError) -> Money
    func expireNodes(now: Int64) async throws(StorageError) -> Money
    func lease(user: String, wanted: Money, minimum: Money, node incarnation: String, now: Int64) async throws(StorageError)
        -> LeaseGrant?
    func giveBack(lease: String, amount: Money?, now: Int64) async throws(StorageError) -> Money
    func settle(_ batch: [SettledRequest], now: Int64) async throws(StorageError) -> SettlementReport
}

extension Store: Ledger {}
