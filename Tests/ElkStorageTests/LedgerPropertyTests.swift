import ElkStorage
import ElkTestSupport
import Synchronization
import Testing

/// Random operations with faults between them, and the books checked against a simple model.
struct LedgerPropertyTests {
    /// What must hold whatever the faults did.
    private struct Model {
        /// Costs by request id, of requests that were handed over with success at least once.
        var settled: [String: Money] = [:]
        var credited = Money.zero
        var debited = Money.zero
    }

    private static let users = ["u0", "u1", "u2", "u3"]

    @Test(.timeLimit(.minutes(5)), arguments: [1, 2, 3, 4] as [UInt64])
    func `the books are right after any operations and faults`(seed: UInt64) async throws {
        let file = try TemporaryDatabase()
        let random = Mutex(SeededRandom(seed: seed))
        let plan = FaultyDatabase.Plan()
        var store = try await file.open(faults: plan)
        for user in Self.users {
            try await store.createUser(User(id: user, name: user, created: 0))
            try await Fixture.key("k \(user)", user: user, in: store)
        }
        plan.set {
            random.withLock { random in
                switch Int.random(in: 0..<20, using: &random) {
                case 0: .statement(Int.random(in: 0..<30, using: &random))
                case 1: .commit
                case 2: .answer
                default: nil
                }
            }
        }
        func pick(_ range: Range<Int>) -> Int { random.withLock { Int.random(in: range, using: &$0) } }
        var model = Model()
        var nodes: [String] = []
        var leases: [String] = []
        var pending: [SettledRequest] = []
        for step in 0..<1500 {
            let now = Int64(step)
            let user = Self.users[pick(0..<Self.users.count)]
            let amount = Money(nanoDollars: Int64(pick(1..<1_000_000)))
            switch pick(0..<12) {
            case 0:
                let credit = amount
                try await insist {
                    _ = try await store.credit(user: user, amount: credit, operation: "c\(step)", note: "", now: now)
                }
                model.credited = try model.credited.adding(amount)
            case 1:
                do {
                    _ = try await store.debit(user: user, amount: amount, operation: "d\(step)", note: "", now: now)
                } catch  where error.code == .insufficientBalance {
                    // As it should be.
                } catch {}
            case 2:
                let node = "n\(step)"
                let started = Node(incarnation: node, name: "node \(pick(0..<3))", started: now, expires: now + 100)
                if (try? await store.startNode(started, now: now)) != nil { nodes.append(node) }
            case 3, 4, 5:
                guard let node = nodes.last else { continue }
                let grant = try? await store.lease(
                    user: user,
                    wanted: amount,
                    minimum: Money(nanoDollars: 1),
                    node: node,
                    now: now
                )
                if let lease = grant?.lease.id { leases.append(lease) }
            case 6, 7, 8:
                let lease = leases.isEmpty ? nil : leases[pick(0..<leases.count)]
                var usage = Fixture.usage("r\(step)", user: user, key: "k \(user)")
                usage.cost = Money(nanoDollars: Int64(pick(0..<300_000)))
                pending.append(SettledRequest(usage: usage, payer: pick(0..<8) == 0 ? .tab : .wallet(lease: lease)))
            case 9:
                // Some of a batch may have been written by an earlier try whose answer was lost.
                let batch = pending
                guard (try? await store.settle(batch, now: now)) != nil else { continue }
                for request in batch { model.settled[request.usage.id] = request.usage.cost }
                pending = pick(0..<4) == 0 ? Array(batch.prefix(3)) : []
            case 10:
                guard !leases.isEmpty else { continue }
                let lease = leases[pick(0..<leases.count)]
                _ = try? await store.giveBack(lease: lease, amount: pick(0..<3) == 0 ? nil : amount, now: now)
            default:
                _ = try? await store.expireNodes(now: now)
                if pick(0..<10) == 0 {
                    // A kill: no goodbye, the file as it is.
                    store = try await reopened(file, plan)
                }
            }
            if step % 100 == 99 {
                let report = try await store.verify()
                #expect(report.faults == [], "seed \(seed), step \(step)")
                #expect(report.sum == .zero)
            }
        }
        let written = pending
        try await insist { _ = try await store.settle(written, now: 1500) }
        for request in pending { model.settled[request.usage.id] = request.usage.cost }
        try await insist { _ = try await store.expireNodes(now: .max) }
        let report = try await store.verify()
        #expect(report.faults == [])
        let owed = try model.settled.values.reduce(Money.zero) { try $0.adding($1) }
        #expect(report.charged == owed, "nothing is charged twice, nothing is lost")
        #expect(try await store.users().allSatisfy { !$0.balance.isNegative && $0.reserved.isZero })
        #expect(report.movements > 200)
    }

    /// Tries again until the fault is over.
    private func insist(_ body: () async throws -> Void) async throws {
        for _ in 0..<100 {
            do {
                try await body()
                return
            } catch let error as StorageError where error == FaultyDatabase.error {
                continue
            }
        }
        throw FaultyDatabase.error
    }

    /// Opening writes, too, and may meet a fault.
    private func reopened(_ file: TemporaryDatabase, _ plan: FaultyDatabase.Plan) async throws -> Store {
        for _ in 0..<100 {
            do { return try await file.open(faults: plan) } catch
                where (error as? StorageError) == FaultyDatabase.error
            {}
        }
        throw FaultyDatabase.error
    }
}
