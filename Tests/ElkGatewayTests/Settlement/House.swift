import ElkGateway
import ElkProviders
import ElkStorage
import ElkTestSupport
import ElkWire
import Logging
import NIOCore
import Synchronization

/// A clock that is wound by hand.
final class HandClock: Sendable {
    private let time: Atomic<Int64>

    init(_ start: Int64 = 1_760_000_000_000) { time = Atomic(start) }

    var now: Int64 { time.load(ordering: .acquiring) }
    func advance(_ milliseconds: Int64) { time.add(milliseconds, ordering: .acquiringAndReleasing) }
    var source: TimeSource { TimeSource { self.now } }
}

/// Settlement, catalog and admission on a ledger in memory, with a few users, keys and prices.
final class House: Sendable {
    let clock: HandClock
    let ledger: MemoryLedger
    let settlement: Settlement
    let catalogs: Catalogs
    let admission: Admission

    init(
        clock: HandClock = HandClock(),
        ledger: MemoryLedger = MemoryLedger(),
        through wrapper: (any Ledger)? = nil,
        node: String = "node",
        snapshot: Snapshot = House.snapshot(),
        settlementSettings: Settlement.Settings = Settlement.Settings(),
        bankSettings: Bank.Settings = Bank.Settings(),
        policy: Charge.Policy = Charge.Policy(),
        settings: Admission.Settings = Admission.Settings()
    ) {
        self.clock = clock
        self.ledger = ledger
        var logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() })
        logger.logLevel = .critical
        let serial = Atomic<Int>(0)
        let prefix = "\(node)-\(UInt32.random(in: 0 ... .max))"
        settlement = Settlement(
            ledger: wrapper ?? ledger,
            node: node,
            newIncarnation: { _ in "\(prefix)-\(serial.add(1, ordering: .relaxed).newValue)" },
            settings: settlementSettings,
            bankSettings: bankSettings,
            policy: policy,
            time: clock.source,
            logger: logger
        )
        catalogs = Catalogs(settlement: settlement)
        admission = Admission(catalogs: catalogs, settlement: settlement, settings: settings)
        catalogs.replace(with: snapshot)
    }

    /// A prepaid user `ann` with the key `sk-ann`, an unlimited one `bob` with `sk-bob`, and `test-model` at $1 a million tokens in
    /// and $10 out.
    static func snapshot(
        keys: [Key] = [key("ann"), key("bob")],
        users: [User] = [
            User(id: "ann", name: "ann", created: 0), User(id: "bob", name: "bob", isUnlimited: true, created: 0),
        ],
        groups: [Group] = [Group(name: "default", created: 0), Group(name: "half", factor: 500_000, created: 0)],
        prices: [Price] = [House.price]
    ) -> Snapshot {
        let local = User(id: User.localID, name: "local", isUnlimited: true, created: 0)
        return Snapshot(users: [local] + users, groups: groups, keys: keys, channels: [], prices: prices, settings: [:])
    }

    static let price = Price(
        model: "test-model",
        input: Money(nanoDollars: 1_000_000_000),
        output: Money(nanoDollars: 10_000_000_000),
        created: 0
    )

    static func key(_ name: String, change: (inout Key) -> Void = { _ in }) -> Key {
        var key = Key(
            id: "key-\(name)",
            userID: name,
            name: name,
            prefix: "sk-\(name)",
            digest: KeyDigest(of: "sk-\(name)"),
            created: 0
        )
        change(&key)
        return key
    }

    /// A chat of about `input` tokens that asks for at most `output`.
    static func call(
        model: String = "test-model",
        input: Int = 100,
        output: String? = "100",
        extra: String = "",
        endpoint: Endpoint = .chat,
        id: RequestID = RequestID()
    ) -> Call {
        let limit = output.map { "\"max_tokens\":\($0)," } ?? ""
        let text = String(repeating: "word ", count: max(1, input * 4 / 5))
        let body = "{\"model\":\"\(model)\",\(limit)\(extra)\"messages\":[{\"role\":\"user\",\"content\":\"\(text)\"}]}"
        guard let document = try? JSONSlice(validating: ByteBuffer(string: body)) else {
            fatalError("not JSON: \(body)")
        }
        return Call(id: id, endpoint: endpoint, dialect: .openAI, model: model, streams: false, body: .json(document))
    }

    static func client(_ key: String? = "sk-ann", address: String = "192.0.2.7") -> Client {
        Client(credential: key, address: address)
    }

    /// Admits while the services run in between, as the loop would.
    func admit(_ call: Call = House.call(), _ client: Client = House.client()) async throws(Failure) -> Ticket {
        for _ in 0..<4 {
            if let ticket = try admission.admitNow(call, from: client) { return ticket }
            await settlement.step()
        }
        throw Failure(.unavailable, "no money came")
    }

    /// Writes everything that waits.
    func flush() async {
        clock.advance(1_000)
        await settlement.step()
    }
}

extension Ending {
    /// Done, with this much reported.
    static func done(input: Int, output: Int) -> Ending {
        Ending(.completed, reported: Usage(inputTokens: input, outputTokens: output), deliveredOutput: output * 4)
    }
}
