package import ElkStorage
import Synchronization

/// The catalog of the moment, and how the next one is made.
package final class Catalogs: Sendable {
    private let state: Mutex<Catalog>
    private let settlement: Settlement

    package init(settlement: Settlement) {
        self.settlement = settlement
        state = Mutex(.empty)
    }

    package var current: Catalog { state.withLock { $0 } }

    /// Puts what the database holds in the place of what was there.
    ///
    /// - Parameter isExact: Whether no settlement of ours was being written while it was read.
    package func replace(with snapshot: Snapshot, isExact: Bool = true) {
        let next = build(snapshot, isExact: isExact)
        let previous = state.withLock { current in
            defer { current = next }
            return current
        }
        // Outside the lock: the old one may be the last reference to a great many things.
        withExtendedLifetime(previous) {}
        settlement.bank.balancesChanged()
        settlement.keys.keep(only: Set(snapshot.keys.map(\.id)))
    }

    private func build(_ snapshot: Snapshot, isExact: Bool) -> Catalog {
        var accounts: [String: Catalog.Account] = [:]
        for user in snapshot.users {
            accounts[user.id] = Catalog.Account(
                user: user,
                wallet: user.isUnlimited ? nil : settlement.bank.wallet(of: user.id)
            )
        }
        var credentials: [KeyDigest: Catalog.Credential] = [:]
        for key in snapshot.keys {
            guard let account = accounts[key.userID] else { continue }
            credentials[key.digest] = Catalog.Credential(
                key: key,
                account: account,
                meter: settlement.keys.meter(of: key.id),
                budget: settlement.keys.budget(of: key, isExact: isExact)
            )
        }
        let channels = snapshot.channels.map { CatalogChannel($0) }
        return Catalog(
            accounts: accounts,
            groups: Dictionary(snapshot.groups.map { ($0.name, $0) }) { first, _ in first },
            credentials: credentials,
            channels: channels,
            prices: PriceList(snapshot.prices.map { ($0.model, Rates($0)) }),
            settings: snapshot.settings,
            problems: channels.compactMap(\.problem)
        )
    }
}
