import ElkGateway
import ElkStorage
import Synchronization

/// The database's money in memory, after the same rules, with faults on demand.
///
/// Every call checks its own bookkeeping: balances, leases and postings are kept apart and compared by `audit`.
final class MemoryLedger: Ledger {
    enum Fault {
        case none
        /// Fails and has done nothing.
        case before
        /// Has done it, and the answer is lost.
        case after
    }

    struct Row: Hashable {
        var user: String
        var cost: Int64
    }

    struct Books {
        var balances: [String: Int64] = [:]
        var leases: [String: WalletLease] = [:]
        var nodes: [String: Node] = [:]
        var rows: [String: Row] = [:]
        var spent: [String: Int64] = [:]
        var granted: Int128 = 0
        var revenue: Int128 = 0
        var reserved: Int128 = 0
        var tab: Int128 = 0
        var writtenOff: Int128 = 0
        var serial = 0
        var calls = 0
    }

    private struct State {
        var books = Books()
        var fault: @Sendable () -> Fault = { .none }
    }

    static let failure = StorageError(.engine, "a simulated fault")
    private let state = Mutex(State())

    var books: Books { state.withLock { $0.books } }
    var calls: Int { state.withLock { $0.books.calls } }

    func setFault(_ fault: @escaping @Sendable () -> Fault) { state.withLock { $0.fault = fault } }

    func credit(_ user: String, _ amount: Int64) {
        state.withLock { state in
            state.books.balances[user, default: 0] += amount
            state.books.granted -= Int128(amount)
        }
    }

    func balance(_ user: String) -> Int64 { state.withLock { $0.books.balances[user] ?? 0 } }
    func row(_ id: String) -> Row? { state.withLock { $0.books.rows[id] } }
    func spent(_ key: String) -> Int64 { state.withLock { $0.books.spent[key] ?? 0 } }

    /// What is wrong with the books, in words; empty when nothing is.
    func audit() -> [String] {
        let books = books
        var faults: [String] = []
        for (user, balance) in books.balances where balance < 0 { faults.append("\(user) has \(balance)") }
        for lease in books.leases.values where lease.remaining.isNegative { faults.append("\(lease.id) is overdrawn") }
        let leased = books.leases.values.reduce(Int128(0)) { $0 + Int128($1.remaining.nanoDollars) }
        if leased != books.reserved { faults.append("leases hold \(leased), postings say \(books.reserved)") }
        let balances = books.balances.values.reduce(Int128(0)) { $0 + Int128($1) }
        let sum = balances + books.reserved + books.revenue + books.granted + books.tab + books.writtenOff
        if sum != 0 { faults.append("postings sum to \(sum)") }
        let costs = books.rows.values.reduce(Int128(0)) { $0 + Int128($1.cost) }
        if costs != books.revenue { faults.append("rows cost \(costs), revenue is \(books.revenue)") }
        return faults
    }

    private func perform<T>(_ body: (inout Books) throws(StorageError) -> T) throws(StorageError) -> T {
        try state.withLock { state throws(StorageError) in
            state.books.calls += 1
            switch state.fault() {
            case .none: return try body(&state.books)
            case .before: throw Self.failure
            case .after:
                _ = try body(&state.books)
                throw Self.failure
            }
        }
    }

    func startNode(_ node: Node, now: Int64) async throws(StorageError) -> Money {
        try perform { books throws(StorageError) in
            let returned = books.retire { $0.name == node.name }
            books.nodes[node.incarnation] = node
            return Money(nanoDollars: returned)
        }
    }

    func heartbeat(incarnation: String, expires: Int64) async throws(StorageError) -> Bool {
        try perform { books throws(StorageError) in
            guard books.nodes[incarnation] != nil else { return false }
            books.nodes[incarnation]?.expires = expires
            return true
        }
    }

    func stopNode(incarnation: String, now: Int64) async throws(StorageError) -> Money {
        try perform { books throws(StorageError) in Money(nanoDollars: books.retire { $0.incarnation == incarnation }) }
    }

    func expireNodes(now: Int64) async throws(StorageError) -> Money {
        try perform { books throws(StorageError) in Money(nanoDollars: books.retire { $0.expires <= now }) }
    }

    func draw(
        _ wanted: Money,
        minimum: Money,
        from user: String,
        node incarnation: String,
        now: Int64
    ) async throws(StorageError) -> (lease: WalletLease, added: Money)? {
        try perform { books throws(StorageError) in
            guard books.nodes[incarnation] != nil, let balance = books.balances[user] else {
                throw StorageError(.notFound, "no such node or user")
            }
            guard balance >= minimum.nanoDollars else { return nil }
            let amount = min(balance, wanted.nanoDollars)
            books.balances[user] = balance - amount
            books.reserved += Int128(amount)
            let known = books.leases.values.first { $0.node == incarnation && $0.userID == user }
            books.serial += 1
            var lease =
                known
                ?? WalletLease(
                    id: "lease-\(books.serial)",
                    userID: user,
                    node: incarnation,
                    granted: .zero,
                    remaining: .zero,
                    created: now
                )
            lease.granted = Money(nanoDollars: lease.granted.nanoDollars + amount)
            lease.remaining = Money(nanoDollars: lease.remaining.nanoDollars + amount)
            books.leases[lease.id] = lease
            return (lease, Money(nanoDollars: amount))
        }
    }

    func giveBack(lease id: String, amount: Money?, now: Int64) async throws(StorageError) -> Money {
        try perform { books throws(StorageError) in Money(nanoDollars: books.giveBack(id, amount?.nanoDollars)) }
    }

    func settle(_ batch: [SettledRequest], now: Int64) async throws(StorageError) -> SettlementReport {
        try perform { books throws(StorageError) in
            var report = SettlementReport()
            for request in batch { books.settle(request, &report) }
            return report
        }
    }
}

extension MemoryLedger.Books {
    fileprivate mutating func retire(_ isDead: (Node) -> Bool) -> Int64 {
        var total: Int64 = 0
        for node in nodes.values where isDead(node) {
            for lease in leases.values where lease.node == node.incarnation { total += giveBack(lease.id, nil) }
            nodes[node.incarnation] = nil
        }
        return total
    }

    fileprivate mutating func giveBack(_ id: String, _ wanted: Int64?) -> Int64 {
        guard let lease = leases[id] else { return 0 }
        let amount = min(lease.remaining.nanoDollars, wanted ?? .max)
        if wanted == nil {
            leases[id] = nil
        } else {
            leases[id]?.remaining = Money(nanoDollars: lease.remaining.nanoDollars - amount)
        }
        balances[lease.userID, default: 0] += amount
        reserved -= Int128(amount)
        return amount
    }

    fileprivate mutating func settle(_ request: SettledRequest, _ report: inout SettlementReport) {
        let usage = request.usage
        guard rows[usage.id] == nil else {
            report.repeated += 1
            return
        }
        rows[usage.id] = MemoryLedger.Row(user: usage.userID, cost: usage.cost.nanoDollars)
        report.written += 1
        if let key = usage.keyID { spent[key, default: 0] += usage.cost.nanoDollars }
        var open = usage.cost.nanoDollars
        revenue += Int128(open)
        switch request.payer {
        case .tab: tab -= Int128(open)
        case .wallet(let id):
            if let id, let lease = leases[id], lease.userID == usage.userID {
                let taken = min(lease.remaining.nanoDollars, open)
                leases[id]?.remaining = Money(nanoDollars: lease.remaining.nanoDollars - taken)
                reserved -= Int128(taken)
                open -= taken
                report.remaining[id] = leases[id]?.remaining
            }
            let free = min(balances[usage.userID] ?? 0, open)
            balances[usage.userID]? -= free
            open -= free
            writtenOff -= Int128(open)
            if let sum = try? report.writtenOff.adding(Money(nanoDollars: open)) { report.writtenOff = sum }
        }
    }
}
