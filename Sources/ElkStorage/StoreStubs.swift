// The signatures that the tables are filled into.
private let soon = StorageError(.engine, "soon")

extension Store {
    package func snapshot() async throws(StorageError) -> Snapshot { throw soon }
    /// Costs no transaction; ask it every second or so.
    package func changeMark() async throws(StorageError) -> ChangeMark { throw soon }
}

// Users, groups
extension Store {
    /// - Throws: `.conflict` for a taken name, `.notFound` for an unknown group.
    package func createUser(_ user: User) async throws(StorageError) { throw soon }
    /// Everything but balance, reserved and created.
    package func updateUser(_ user: User) async throws(StorageError) { throw soon }
    /// Removes the user's keys and stored responses, takes back the balance; the log and the ledger keep what happened.
    package func deleteUser(id: String, now: Int64) async throws(StorageError) { throw soon }
    package func user(id: String) async throws(StorageError) -> User { throw soon }
    package func user(named name: String) async throws(StorageError) -> User? { throw soon }
    package func users() async throws(StorageError) -> [User] { throw soon }
    /// Creates or replaces.
    package func saveGroup(_ group: Group) async throws(StorageError) { throw soon }
    /// - Throws: `.conflict` while users or keys are in it, and for the default group.
    package func deleteGroup(named name: String) async throws(StorageError) { throw soon }
    package func groups() async throws(StorageError) -> [Group] { throw soon }
}

// Keys. `owner` nil: the administration, which may see all.
extension Store {
    package func createKey(_ key: Key) async throws(StorageError) { throw soon }
    /// Everything but digest, prefix, user, spent, created, lastUsed.
    package func updateKey(_ key: Key) async throws(StorageError) { throw soon }
    package func deleteKey(id: String, owner: String?) async throws(StorageError) { throw soon }
    package func key(id: String, owner: String?) async throws(StorageError) -> Key { throw soon }
    package func key(digest: KeyDigest) async throws(StorageError) -> Key? { throw soon }
    package func keys(owner: String?) async throws(StorageError) -> [Key] { throw soon }
    package func keyCount() async throws(StorageError) -> Int { throw soon }
}

// Channels, prices
extension Store {
    package func createChannel(_ channel: Channel) async throws(StorageError) { throw soon }
    package func updateChannel(_ channel: Channel) async throws(StorageError) { throw soon }
    package func deleteChannel(id: String) async throws(StorageError) { throw soon }
    package func channel(id: String) async throws(StorageError) -> Channel { throw soon }
    package func channel(named name: String) async throws(StorageError) -> Channel? { throw soon }
    package func channels() async throws(StorageError) -> [Channel] { throw soon }
    /// Creates or replaces.
    package func savePrices(_ prices: [Price]) async throws(StorageError) { throw soon }
    package func deletePrice(model: String) async throws(StorageError) { throw soon }
    package func prices() async throws(StorageError) -> [Price] { throw soon }
}

// Money
extension Store {
    /// Adds to a balance (granted → user). The same operation again changes nothing. Returns the balance after.
    package func credit(user: String, amount: Money, operation: String, note: String, now: Int64)
        async throws(StorageError) -> Money
    { throw soon }
    /// Takes from a balance (user → granted). - Throws: `.insufficientBalance`.
    package func debit(user: String, amount: Money, operation: String, note: String, now: Int64)
        async throws(StorageError) -> Money
    { throw soon }
    /// The postings of a user's accounts, newest first.
    package func movements(user: String, before: String?, limit: Int) async throws(StorageError) -> [(
        movement: Movement, postings: [Posting]
    )] { throw soon }
    /// Recomputes everything from the postings and compares.
    package func verify() async throws(StorageError) -> LedgerReport { throw soon }
}

// Nodes and leases
extension Store {
    /// Enters a started process. Leases of an earlier process of the same name return at once. Returns what came back.
    package func startNode(_ node: Node, now: Int64) async throws(StorageError) -> Money { throw soon }
    /// False: the node was taken for dead, its leases are gone; start anew under a new incarnation.
    package func heartbeat(incarnation: String, expires: Int64) async throws(StorageError) -> Bool { throw soon }
    /// Returns all of its leases and leaves.
    package func stopNode(incarnation: String, now: Int64) async throws(StorageError) -> Money { throw soon }
    /// Returns the leases of nodes whose time has passed.
    package func expireNodes(now: Int64) async throws(StorageError) -> Money { throw soon }
    package func nodes() async throws(StorageError) -> [Node] { throw soon }

    /// Moves money from the user's balance into the node's lease for that user (made when there is none): `wanted`, or what
    /// there is if that is at least `minimum`. Nil when the balance is below the minimum: nothing moved.
    /// The result's `remaining` counts all that the database knows, so unsettled requests are still in it; `added` is new.
    package func lease(user: String, wanted: Money, minimum: Money, node incarnation: String, now: Int64)
        async throws(StorageError) -> (lease: WalletLease, added: Money)?
    { throw soon }
    /// Gives back a part of a lease (at most what remains); `.max` closes it. Returns what went back.
    package func giveBack(lease: String, amount: Money, now: Int64) async throws(StorageError) -> Money { throw soon }
    package func leases() async throws(StorageError) -> [WalletLease] { throw soon }
}

// Settlement and the usage log
extension Store {
    /// Writes finished requests and moves their cost, all in one transaction. Requests that are there already move nothing, so
    /// a batch may be repeated after any error.
    package func settle(_ batch: [SettledRequest], now: Int64) async throws(StorageError) -> SettlementReport {
        throw soon
    }
    /// `owner` nil: any.
    package func usage(id: String, owner: String?) async throws(StorageError) -> UsageRow { throw soon }
    /// Newest first; `before` is the id of the last row of the page before.
    package func usage(_ filter: UsageFilter, before: String?, limit: Int) async throws(StorageError) -> [UsageRow] {
        throw soon
    }
    package func usageSummary(_ filter: UsageFilter, by dimension: UsageSummary.Dimension) async throws(StorageError)
        -> [UsageSummary]
    { throw soon }
}

// Stored responses, settings
extension Store {
    /// Creates or replaces (of the same owner).
    package func saveResponse(_ response: StoredResponse) async throws(StorageError) { throw soon }
    /// - Throws: `.notFound` also for another owner's and for expired ones.
    package func response(id: String, owner: String, now: Int64) async throws(StorageError) -> StoredResponse {
        throw soon
    }
    package func deleteResponse(id: String, owner: String) async throws(StorageError) { throw soon }
    /// Removes expired ones; returns how many.
    package func sweepResponses(now: Int64) async throws(StorageError) -> Int { throw soon }
    package func setting(_ name: String) async throws(StorageError) -> String? { throw soon }
    /// Nil removes it.
    package func setSetting(_ name: String, to value: String?) async throws(StorageError) { throw soon }
    package func rootDigest() async throws(StorageError) -> KeyDigest? { throw soon }
    package func setRootDigest(_ digest: KeyDigest) async throws(StorageError) { throw soon }
}
