import ElkGateway
import ElkStorage
import ElkWire
import HummingbirdCore

/// The account behind a request for account facts.
///
/// A key that has expired, is switched off or has spent its budget is let in here: its owner must be able to see why it fails.
struct AccountReader: Sendable {
    struct Account: Sendable {
        var user: User
        var key: Key?
        /// What the key has spent, or the user where no key limits it.
        var used: Money
        /// What is left to spend; nil is without limit.
        var left: Money?
    }

    let gateway: Gateway
    let store: Store

    func account(
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) async throws(Failure) -> Account {
        let client = try context.client(request, target)
        do throws(StorageError) {
            if let credential = client.credential, let key = try await store.key(digest: KeyDigest(of: credential)) {
                return try await account(of: try await store.user(id: key.userID), key)
            }
        } catch {
            throw .accountUnreadable(error)
        }
        let owner = try context.recognise(request, target, by: gateway).identity.userID
        do throws(StorageError) {
            return try await account(of: try await store.user(id: owner), nil)
        } catch {
            throw .accountUnreadable(error)
        }
    }

    private func account(of user: User, _ key: Key?) async throws(StorageError) -> Account {
        var filter = UsageFilter()
        filter.userID = user.id
        let total = try await store.usageSummary(filter, by: .total).first?.cost ?? .zero
        var lefts: [Money] = []
        if !user.isUnlimited { lefts.append(sum(user.balance, user.reserved)) }
        if let key, let budget = key.budget { lefts.append(max(.zero, difference(budget, key.spent))) }
        return Account(user: user, key: key, used: key?.budget == nil ? total : key?.spent ?? total, left: lefts.min())
    }

    private func sum(_ a: Money, _ b: Money) -> Money {
        (try? a.adding(b)) ?? .max
    }

    private func difference(_ a: Money, _ b: Money) -> Money {
        (try? a.subtracting(b)) ?? .zero
    }
}

extension Failure {
    static func accountUnreadable(_ error: StorageError) -> Failure {
        Failure(.internal, "The account cannot be read.", detail: "\(error)")
    }
}
