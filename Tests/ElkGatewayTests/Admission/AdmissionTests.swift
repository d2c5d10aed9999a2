import ElkGateway
import ElkProviders
import ElkStorage
import ElkWire
import Testing

@Suite struct AdmissionTests {
    private func refusal(_ house: House, _ call: Call = House.call(), _ client: Client = House.client()) async
        -> Failure?
    {
        do throws(Failure) {
            let ticket = try await house.admit(call, client)
            ticket.hold.release(because: Failure(.internal, "end of test"))
            return nil
        } catch {
            return error
        }
    }

    private static func settings(operatorKey: String) -> Admission.Settings {
        var settings = Admission.Settings()
        settings.operatorKeys = [Secret(operatorKey)]
        return settings
    }

    @Test func `a good key comes in under its own account`() async throws {
        let house = House()
        house.ledger.credit("ann", 1_000_000_000)
        let ticket = try await house.admit()
        #expect(
            ticket.access.userID == "ann" && ticket.access.keyID == "key-ann" && ticket.access.group.name == "default"
        )
        #expect(ticket.hold.amount.nanoDollars > 1_000_000)
        ticket.hold.release(because: Failure(.internal, "end of test"))
    }

    @Test func `a key without its prefix is the same key`() async throws {
        let house = House()
        let ticket = try await house.admit(House.call(), House.client("bob"))
        #expect(ticket.access.userID == "bob")
        ticket.hold.release(because: Failure(.internal, "end of test"))
    }

    @Test(arguments: [nil, "", "sk-", "sk-unknown", "Bearer sk-bob", "sk-bob ", "SK-BOB", "\u{0}", "🦌"] as [String?])
    func `no key or a wrong one is refused with 401`(text: String?) async {
        #expect(await refusal(House(), House.call(), House.client(text))?.status == 401)
    }

    @Test(arguments: [511, 512, 513, 1 << 20])
    func `a credential of any size is harmless`(size: Int) async {
        let failure = await refusal(House(), House.call(), House.client(String(repeating: "k", count: size)))
        #expect(failure?.code == "invalid_api_key")
    }

    @Test func `each check has its status and code`() async {
        func code(_ change: @escaping (inout Key) -> Void, address: String = "192.0.2.7", model: String = "test-model")
            async -> String
        {
            let house = House(snapshot: House.snapshot(keys: [House.key("bob", change: change)]))
            let failure = await refusal(house, House.call(model: model), House.client("sk-bob", address: address))
            return failure.map { "\($0.status) \($0.code ?? "")" } ?? "in"
        }
        #expect(await code { _ in } == "in")
        #expect(await code { $0.isEnabled = false } == "401 api_key_disabled")
        #expect(await code { $0.expires = 1 } == "401 api_key_expired")
        #expect(await code { $0.expires = .max } == "in")
        #expect(
            await code {
                $0.budget = Money(nanoDollars: 5); $0.spent = Money(nanoDollars: 5)
            } == "401 api_key_exhausted"
        )
        #expect(await code { $0.budget = .zero } == "401 api_key_exhausted")
        #expect(await code { $0.budget = Money(nanoDollars: 5) } == "403 pre_consume_token_quota_failed")
        #expect(await code { $0.networks = ["10.0.0.0/8"] } == "403 access_denied")
        #expect(await code({ $0.networks = ["10.0.0.0/8", "2001:db8::/32"] }, address: "2001:db8::7") == "in")
        #expect(await code { $0.models = ["other*"] } == "403 model_not_allowed")
        #expect(await code { $0.models = ["test-*"] } == "in")
        #expect(await code { $0.group = "gone" } == "403 group_not_found")
    }

    @Test func `whoever acts for a key is worth what it is now`() async throws {
        let house = House(settings: Self.settings(operatorKey: "operator"))
        let bob = try house.admission.minter(of: House.client("bob"))
        #expect(bob == .key(KeyDigest(of: "sk-bob")))
        let holder = Client(minter: bob, address: "192.0.2.7")
        let access = try house.admission.identify(holder)
        #expect(access.keyID == "key-bob" && access.userID == "bob" && !access.isOperator)
        let operatorKey = try house.admission.minter(of: House.client("operator"))
        #expect(try house.admission.identify(Client(minter: operatorKey, address: "192.0.2.7")).isOperator)
        // Keys are asked for here.
        #expect(throws: Failure.self) { try house.admission.identify(Client(minter: .nobody, address: "127.0.0.1")) }
        let disabled = House.key("bob") { $0.isEnabled = false }
        let elsewhere = House.key("bob") { $0.networks = ["10.0.0.0/8"] }
        for keys in [[], [disabled], [elsewhere]] {
            house.catalogs.replace(with: House.snapshot(keys: keys))
            #expect(throws: Failure.self) { try house.admission.identify(holder) }
        }
    }

    @Test func `where no key is needed nobody is acted for, and no longer than that`() throws {
        var settings = Admission.Settings()
        settings.isLoopback = true
        let house = House(snapshot: House.snapshot(keys: []), settings: settings)
        #expect(try house.admission.minter(of: House.client("anything")) == .nobody)
        let holder = Client(minter: .nobody, address: "127.0.0.1")
        #expect(try house.admission.identify(holder).isOperator)
        // An ephemeral key that does not hold is none of the texts that do.
        let lost = GeneratedKey(.ephemeral).text.reveal()
        #expect(throws: Failure.self) { try house.admission.identify(House.client(lost)) }
        house.catalogs.replace(with: House.snapshot())
        #expect(throws: Failure.self) { try house.admission.identify(holder) }
    }

    @Test func `checks come in the order of the contract`() async {
        let key = House.key("ann") { key in
            key.isEnabled = false
            key.expires = 1
            key.networks = ["10.0.0.0/8"]
            key.models = ["other"]
        }
        func code(_ change: (inout Key) -> Void, isEnabled: Bool = false) async -> String? {
            var key = key
            change(&key)
            let user = User(id: "ann", name: "ann", isEnabled: isEnabled, created: 0)
            return await refusal(House(snapshot: House.snapshot(keys: [key], users: [user])))?.code
        }
        #expect(await code { _ in } == "api_key_disabled")
        #expect(await code { $0.isEnabled = true } == "api_key_expired")
        #expect(
            await code {
                $0.isEnabled = true; $0.expires = nil
            } == "access_denied"
        )
        #expect(
            await code {
                $0.isEnabled = true; $0.expires = nil; $0.networks = []
            } == "account_disabled"
        )
        let last = await code(
            {
                $0.isEnabled = true; $0.expires = nil; $0.networks = []; $0.group = "gone"
            },
            isEnabled: true
        )
        #expect(last == "group_not_found")
        let model = await code(
            {
                $0.isEnabled = true; $0.expires = nil; $0.networks = []
            },
            isEnabled: true
        )
        #expect(model == "model_not_allowed")
    }

    @Test func `looking up works with a key that no longer does`() async throws {
        let key = House.key("ann") { key in
            key.isEnabled = false
            key.expires = 1
            key.budget = .zero
        }
        let house = House(snapshot: House.snapshot(keys: [key]))
        #expect(throws: Failure.self) { try house.admission.identify(House.client()) }
        #expect(try house.admission.identifyForLookUp(House.client()).keyID == "key-ann")
        #expect(throws: Failure.self) { try house.admission.identifyForLookUp(House.client("sk-unknown")) }
        #expect(throws: Failure.self) { try house.admission.identifyForLookUp(House.client(nil)) }
    }

    @Test func `without keys a server that only this machine reaches is open`() async throws {
        var settings = Admission.Settings()
        settings.isLoopback = true
        let house = House(snapshot: House.snapshot(keys: []), settings: settings)
        for key in [nil, "anything"] {
            let ticket = try await house.admit(House.call(model: "unpriced"), House.client(key))
            #expect(ticket.access.userID == User.localID && ticket.access.isOperator)
            #expect(ticket.hold.settle(.done(input: 1, output: 1))?.cost == .zero)
        }
        await house.flush()
        #expect(house.ledger.books.rows.count == 2)
    }

    @Test func `the first key closes it`() async {
        var settings = Admission.Settings()
        settings.isLoopback = true
        let house = House(snapshot: House.snapshot(keys: []), settings: settings)
        #expect(await refusal(house, House.call(), House.client(nil)) == nil)
        house.catalogs.replace(with: House.snapshot())
        #expect(await refusal(house, House.call(), House.client(nil))?.code == "invalid_api_key")
    }

    @Test func `without keys a server that others reach is closed`() async {
        let house = House(snapshot: House.snapshot(keys: []))
        #expect(await refusal(house, House.call(), House.client(nil))?.status == 401)
        #expect(await refusal(house, House.call(), House.client("anything"))?.status == 401)
    }

    @Test func `keys of the settings have no limits and no account`() async throws {
        var settings = Admission.Settings()
        settings.operatorKeys = [Secret("from-the-file")]
        settings.isLoopback = true
        let house = House(snapshot: House.snapshot(keys: []), settings: settings)
        #expect(await refusal(house, House.call(), House.client(nil))?.status == 401)
        let ticket = try await house.admit(House.call(), House.client("from-the-file"))
        #expect(ticket.access.isOperator && ticket.access.userID == User.localID)
        ticket.hold.release(because: Failure(.internal, "end of test"))
    }

    @Test func `a model without a price is refused to those who pay and free for those who do not`() async {
        let house = House()
        house.ledger.credit("ann", 1_000_000_000)
        #expect(await refusal(house, House.call(model: "unknown"))?.code == "model_price_error")
        #expect(await refusal(house, House.call(model: "unknown"), House.client("sk-bob")) == nil)
    }

    @Test func `without money the answer is 403 and no seat stays taken`() async {
        let house = House()
        house.ledger.credit("ann", 10)
        let failure = await refusal(house)
        #expect(failure?.status == 403 && failure?.code == "insufficient_user_quota" && failure?.shouldRetry == false)
        #expect(house.settlement.occupied == 0)
    }

    @Test func `a full queue refuses new requests and loses none`() async throws {
        var small = Settlement.Settings()
        small.capacity = 3
        let house = House(settlementSettings: small)
        var tickets: [Ticket] = []
        for _ in 0..<3 { tickets.append(try await house.admit(House.call(), House.client("sk-bob"))) }
        #expect(await refusal(house, House.call(), House.client("sk-bob"))?.kind == .overloaded)
        for ticket in tickets { ticket.hold.settle(.done(input: 10, output: 10)) }
        #expect(await refusal(house, House.call(), House.client("sk-bob"))?.status == 503)
        await house.flush()
        #expect(house.ledger.books.rows.count == 3)
        #expect(await refusal(house, House.call(), House.client("sk-bob")) == nil)
    }

    @Test(arguments: [
        "9223372036854775808", "9223372036854775807", "1e300", "99999999999999999999999999", "1000000000000",
    ])
    func `output that nobody could pay for is refused`(limit: String) async {
        let house = House()
        house.ledger.credit("ann", 1_000_000_000)
        let call = House.call(output: limit, extra: "\"n\":128,")
        #expect(await refusal(house, call)?.code == "request_too_expensive")
        #expect(await refusal(house, call, House.client("sk-bob")) == nil)
    }

    @Test(arguments: ["-5", "0", "null", "\"many\"", "1.5", "{}"])
    func `a strange limit of output does not trap`(limit: String) async {
        let house = House()
        house.ledger.credit("ann", 1_000_000_000)
        #expect(await refusal(house, House.call(output: limit, extra: "\"n\":-1,")) == nil)
    }

    @Test func `n answers hold n times the output`() async throws {
        let house = House()
        house.ledger.credit("ann", 100_000_000_000)
        let one = try await house.admit(House.call(output: "1000"))
        let many = try await house.admit(House.call(output: "1000", extra: "\"n\":8,"))
        let difference = many.hold.amount.nanoDollars - one.hold.amount.nanoDollars
        #expect((70_000_000...70_100_000).contains(difference))
        for ticket in [one, many] { ticket.hold.release(because: Failure(.internal, "end of test")) }
    }

    @Test func `the factor of the group applies, that of the key's group first`() async throws {
        let keys = [House.key("ann") { $0.group = "half" }, House.key("bob")]
        let house = House(snapshot: House.snapshot(keys: keys))
        house.ledger.credit("ann", 1_000_000_000)
        let half = try await house.admit()
        let full = try await house.admit(House.call(), House.client("sk-bob"))
        #expect(half.hold.settle(.done(input: 1_000, output: 100))?.cost == Money(nanoDollars: 1_000_000))
        #expect(full.hold.settle(.done(input: 1_000, output: 100))?.cost == Money(nanoDollars: 2_000_000))
    }

    @Test func `counting tokens costs nothing`() async throws {
        let house = House()
        let ticket = try await house.admit(House.call(model: "unpriced", endpoint: .countTokens))
        #expect(ticket.hold.amount == .zero)
        #expect(ticket.hold.settle(.done(input: 1_000, output: 0))?.cost == .zero)
    }
}
