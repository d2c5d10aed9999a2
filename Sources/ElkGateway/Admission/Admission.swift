package import ElkProviders
package import ElkStorage
package import ElkWire

/// Decides whether a call may run, and hands out its hold.
///
/// The one way in, for HTTP, WebSocket, tasks and the command line.
///
/// In the common case everything it asks is in memory: the catalog, the key's meter, the user's wallet. It waits for the
/// database only when the wallet has to be filled.
package final class Admission: Sendable {
    package struct Settings: Sendable {
        /// Keys of the settings file: no limits, no account.
        package var operatorKeys: [Secret] = []
        /// Whether the server listens to this machine alone, so that it may serve without a key while there is none.
        package var isLoopback = false
        /// Output that is held for when the client sets no limit.
        package var defaultMaxOutput = 8_192
        /// How long money may be held for one request.
        package var holdMilliseconds: Int64 = 7_200_000

        package init() {}
    }

    private let catalogs: Catalogs
    private let settlement: Settlement
    private let settings: Settings
    private let operatorKeys: Set<KeyDigest>

    package init(catalogs: Catalogs, settlement: Settlement, settings: Settings) {
        self.catalogs = catalogs
        self.settlement = settlement
        self.settings = settings
        operatorKeys = Set(settings.operatorKeys.map { KeyDigest(of: $0.reveal()) })
    }

    /// Lets a call in: its hold is open, and whoever gets the ticket ends it.
    ///
    /// - Parameter audioMilliseconds: The length of an uploaded recording, where it was measured.
    package func admit(
        _ call: Call,
        from client: Client,
        audioMilliseconds: Int? = nil
    ) async throws(Failure) -> Ticket {
        let access = try recognise(client, forLookUp: false)
        return try await admit(call, access, address: client.address, audioMilliseconds: audioMilliseconds)
    }

    /// Lets a call in that was let in before, by what is kept of who asked: the key must still be good for it.
    ///
    /// - Parameter keyID: nil for the operator.
    package func readmit(
        _ call: Call,
        keyID: String?,
        address: String,
        audioMilliseconds: Int? = nil
    ) async throws(Failure) -> Ticket {
        let catalog = catalogs.current
        let access: Access
        if let keyID {
            guard let credential = catalog.credential(id: keyID) else { throw .unknownKey }
            access = try recognise(credential, address: address, in: catalog, forLookUp: false)
        } else {
            access = try Access(operatorIn: catalog)
        }
        return try await admit(call, access, address: address, audioMilliseconds: audioMilliseconds)
    }

    private func admit(
        _ call: Call,
        _ access: Access,
        address: String,
        audioMilliseconds: Int?
    ) async throws(Failure) -> Ticket {
        let application = try apply(call, access, address: address, audioMilliseconds: audioMilliseconds)
        switch application.draw() {
        case .success(let ticket): return ticket
        case .failure(.refused): throw application.refused(.insufficientBalance)
        case .failure(.short(let wallet)):
            let grant = await settlement.bank.wait(
                for: application.amount,
                in: wallet,
                expires: application.terms.expires
            )
            switch grant {
            case .held(let id): return application.ticket(drawing: id, from: wallet)
            case .refused: throw application.refused(.insufficientBalance)
            case .unavailable: throw application.refused(.accountsUnavailable)
            }
        }
    }

    /// As `admit`, without ever waiting: nil when the wallet has to be filled first, which has been asked for.
    package func admitNow(_ call: Call, from client: Client, audioMilliseconds: Int? = nil) throws(Failure) -> Ticket? {
        let access = try recognise(client, forLookUp: false)
        let application = try apply(
            call,
            access,
            address: client.address,
            audioMilliseconds: audioMilliseconds
        )
        switch application.draw() {
        case .success(let ticket): return ticket
        case .failure(.refused): throw application.refused(.insufficientBalance)
        case .failure(.short(let wallet)):
            settlement.bank.wantsRefill(wallet)
            application.withdraw()
            return nil
        }
    }

    /// Whether a call would be let in without waiting; nothing is taken for it.
    package func wouldAdmit(_ call: Call, from client: Client, audioMilliseconds: Int? = nil) -> Bool {
        guard let access = try? recognise(client, forLookUp: false),
            let application = try? apply(
                call,
                access,
                address: client.address,
                audioMilliseconds: audioMilliseconds
            )
        else { return false }
        defer { application.withdraw() }
        return application.isAffordable
    }

    /// Recognises who asks, for what costs nothing: lists of models, stored answers, cancellations.
    package func identify(_ client: Client) throws(Failure) -> Access {
        try recognise(client, forLookUp: false)
    }

    /// As `identify`, for keys that are disabled, expired or exhausted, too: their owner must be able to see why they fail.
    package func identifyForLookUp(_ client: Client) throws(Failure) -> Access {
        try recognise(client, forLookUp: true)
    }

    /// For whom ephemeral keys of the client's act.
    package func minter(of client: Client) throws(Failure) -> Client.Minter {
        let access = try recognise(client, forLookUp: false)
        if let credential = access.credential { return .key(credential.key.digest) }
        guard needsKey(in: access.catalog), let text = client.credential else { return .nobody }
        return .key(KeyDigest(of: text))
    }

    /// Whether a client is asked for a key; where it is not, whatever it sends is none.
    func needsKey(in catalog: Catalog) -> Bool {
        catalog.hasKeys || !operatorKeys.isEmpty
    }

    private func recognise(_ client: Client, forLookUp: Bool) throws(Failure) -> Access {
        let catalog = catalogs.current
        if let minter = client.minter { return try recognise(minter, address: client.address, in: catalog) }
        guard needsKey(in: catalog) else {
            guard settings.isLoopback else { throw client.credential == nil ? .noKeysYet : .unknownKey }
            // No key is needed, but that it opens nothing any more is to be seen here, too.
            guard !client.hasEphemeralKey else { throw .invalidEphemeralKey }
            return try Access(operatorIn: catalog)
        }
        guard let text = client.credential, !text.isEmpty else { throw .missingKey }
        // No key is this long; hashing what a client sends in bulk is work for nothing.
        guard text.utf8.count <= 512 else { throw .unknownKey }
        let digest = KeyDigest(of: text)
        if operatorKeys.contains(digest) { return try Access(operatorIn: catalog) }
        guard let credential = catalog.credential(digest) ?? unprefixed(text, in: catalog) else {
            throw client.hasEphemeralKey ? .invalidEphemeralKey : .unknownKey
        }
        return try recognise(credential, address: client.address, in: catalog, forLookUp: forLookUp)
    }

    /// The holder of an ephemeral key, which is worth no more than what it was made with is now.
    private func recognise(_ minter: Client.Minter, address: String, in catalog: Catalog) throws(Failure) -> Access {
        switch minter {
        case .nobody:
            guard !needsKey(in: catalog), settings.isLoopback else { throw .invalidEphemeralKey }
            return try Access(operatorIn: catalog)
        case .key(let digest):
            if operatorKeys.contains(digest) { return try Access(operatorIn: catalog) }
            guard let credential = catalog.credential(digest) else { throw .invalidEphemeralKey }
            return try recognise(credential, address: address, in: catalog, forLookUp: false)
        }
    }

    private func recognise(
        _ credential: Catalog.Credential,
        address: String,
        in catalog: Catalog,
        forLookUp: Bool
    ) throws(Failure) -> Access {
        if !forLookUp { try checkStanding(of: credential) }
        guard credential.networks.allows(text: address) else { throw .refusedAddress }
        guard forLookUp || credential.account.user.isEnabled else { throw .disabledUser }
        let name = credential.key.group ?? credential.account.user.group
        guard let group = catalog.groups[name] else { throw .unknownGroup }
        return Access(catalog: catalog, account: credential.account, credential: credential, group: group)
    }

    /// Clients of this family send keys without their `sk-`, too.
    private func unprefixed(_ text: String, in catalog: Catalog) -> Catalog.Credential? {
        text.utf8.starts(with: "sk-".utf8) ? nil : catalog.credential(KeyDigest(of: "sk-" + text))
    }

    private func checkStanding(of credential: Catalog.Credential) throws(Failure) {
        guard credential.key.isEnabled else { throw .disabledKey }
        if let expires = credential.key.expires, expires <= settlement.time.now { throw .expiredKey }
        if credential.budget?.isExhausted == true { throw .exhaustedKey }
    }

    /// All but the balance: who, which model, at what price, within which limits.
    ///
    /// Takes a place in the settlement's queue.
    private func apply(
        _ call: Call,
        _ access: Access,
        address: String,
        audioMilliseconds: Int?
    ) throws(Failure) -> Application {
        guard access.allows(model: call.model) else { throw .modelNotAllowed(call.model) }
        let rates = call.endpoint.isFree ? Rates() : access.catalog.prices.rates(for: call.model)
        if rates == nil, access.account.wallet != nil { throw .unpriced(call.model) }
        let estimate = Estimate(
            of: call,
            audioMilliseconds: audioMilliseconds,
            defaultMaxOutput: settings.defaultMaxOutput
        )
        let isBounded = access.account.wallet != nil || access.credential?.budget != nil
        var amount = Money.zero
        if let rates, !rates.isFree, access.group.factor > 0 {
            let cost =
                estimate.isAbsurd ? nil : rates.dearest.cost(of: estimate.upperBound, factor: access.group.factor)
            guard cost != nil || !isBounded else { throw .tooExpensive }
            amount = cost ?? .max
        }
        let now = settlement.time.now
        let terms = Hold.Terms(
            requestID: call.id,
            userID: access.userID,
            keyID: access.keyID,
            model: call.model,
            endpoint: call.endpoint,
            streams: call.streams,
            group: access.group.name,
            factor: access.group.factor,
            rates: rates,
            estimate: estimate,
            address: address,
            started: now,
            expires: now + settings.holdMilliseconds
        )
        return try Application(access: access, terms: terms, amount: amount, settlement: settlement)
    }
}

extension Access {
    /// The operator's own account, which always exists and is unlimited.
    fileprivate init(operatorIn catalog: Catalog) throws(Failure) {
        guard let account = catalog.accounts[User.localID] else { throw .accountsUnavailable }
        guard let group = catalog.groups[account.user.group] ?? catalog.groups[Group.defaultName] else {
            throw .unknownGroup
        }
        self.init(catalog: catalog, account: account, credential: nil, group: group)
    }
}

extension Client {
    fileprivate var hasEphemeralKey: Bool {
        credential.map { GeneratedKey.looksLike(.ephemeral, $0) } ?? false
    }
}

extension Endpoint {
    /// What only counts or lists costs nothing.
    fileprivate var isFree: Bool {
        switch self {
        case .countTokens, .geminiCountTokens, .models: true
        default: false
        }
    }
}
