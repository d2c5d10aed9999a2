import ElkStorage
import ElkTestSupport

/// A store in memory, and what most tests put into one.
enum Fixture {
    static let now: Int64 = 1_790_000_000_000

    static func store() async throws -> Store {
        try await Store.open(.memory, masterKey: TemporaryDatabase.masterKey, now: now)
    }

    static func dollars(_ text: String) -> Money { Money(text) ?? .zero }

    @discardableResult
    static func user(
        _ id: String,
        balance: String? = nil,
        isUnlimited: Bool = false,
        in store: Store
    ) async throws -> User {
        let user = User(id: id, name: "user \(id)", isUnlimited: isUnlimited, created: now)
        try await store.createUser(user)
        if let balance {
            _ = try await store.credit(
                user: id,
                amount: dollars(balance),
                operation: "credit \(id)",
                note: "",
                now: now
            )
        }
        return user
    }

    @discardableResult
    static func key(_ id: String, user: String, in store: Store) async throws -> Key {
        let key = Key(
            id: id,
            userID: user,
            name: "key \(id)",
            prefix: "sk-abcde",
            digest: KeyDigest(of: "secret \(id)"),
            created: now
        )
        try await store.createKey(key)
        return key
    }

    static func start(_ incarnation: String, name: String? = nil, in store: Store) async throws {
        let node = Node(incarnation: incarnation, name: name ?? incarnation, started: now, expires: now + 30_000)
        _ = try await store.startNode(node, now: now)
    }

    static func usage(
        _ id: String,
        user: String,
        key: String? = nil,
        cost: String = "0",
        model: String = "m",
        started: Int64 = now
    ) -> UsageRow {
        UsageRow(
            id: id,
            userID: user,
            keyID: key,
            model: model,
            endpoint: "chat",
            outcome: "completed",
            status: 200,
            cost: dollars(cost),
            started: started,
            duration: 12
        )
    }

    static func request(_ id: String, user: String, cost: String, lease: String?) -> SettledRequest {
        SettledRequest(usage: usage(id, user: user, cost: cost), payer: .wallet(lease: lease))
    }
}

/// Runs and returns the code of the error that it must throw.
func code(
    of body: () async throws -> Void
) async -> StorageError.Code? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? StorageError)?.code
    }
}
