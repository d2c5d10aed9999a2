package import ElkStorage
package import ElkWire

/// Clients' keys.
extension Administration {
    /// - Parameter user: id or name; nil is all.
    package func keys(user reference: String? = nil) async throws(Failure) -> [Key] {
        var owner: String?
        if let reference { owner = try await user(reference).id }
        return try await run { [owner] store throws(StorageError) in try await store.keys(owner: owner) }
    }

    /// The key of that id, or the only one of that name or prefix.
    package func key(_ reference: String) async throws(Failure) -> Key {
        let known = try await keys()
        if let key = known.first(where: { $0.id == reference }) { return key }
        let named = known.filter { $0.name == reference || $0.prefix == reference }
        guard let key = named.first else { throw Failure(.notFound, "No such key.", code: "not_found") }
        guard named.count == 1 else {
            throw Failure(.conflict, "Several keys are called '\(reference)'; give an id.", code: "conflict")
        }
        return key
    }

    /// What a key may do.
    package struct KeyLimits: Sendable {
        package var isEnabled = Change<Bool>.keep
        package var name = Change<String>.keep
        package var expires = Change<Int64?>.keep
        package var models = Change<[String]>.keep
        package var networks = Change<[String]>.keep
        package var budget = Change<Money?>.keep
        package var requestsPerMinute = Change<Int?>.keep
        package var tokensPerMinute = Change<Int?>.keep
        package var maxParallel = Change<Int?>.keep
        package var group = Change<String?>.keep

        package init() {}
    }

    /// Makes a key; its text is in the result and nowhere else, ever.
    ///
    /// - Parameter user: id or name; the built-in user otherwise.
    package func createKey(
        name: String,
        user reference: String? = nil,
        limits: KeyLimits = KeyLimits()
    ) async throws(Failure) -> (key: Key, text: Secret) {
        let user = try await user(reference ?? User.localID)
        let generated = GeneratedKey(.client)
        let now = now()
        var key = Key(
            id: store.newID(at: now),
            userID: user.id,
            name: name,
            prefix: generated.prefix,
            digest: generated.digest,
            created: now
        )
        try Self.apply(limits, to: &key)
        key.name = try Self.checked(name: key.name, of: "key")
        let made = key
        try await run { store throws(StorageError) in try await store.createKey(made) }
        return (made, generated.text)
    }

    package func changeKey(_ reference: String, _ limits: KeyLimits) async throws(Failure) -> Key {
        var key = try await key(reference)
        try Self.apply(limits, to: &key)
        let changed = key
        try await run { store throws(StorageError) in try await store.updateKey(changed) }
        return changed
    }

    package func deleteKey(_ reference: String) async throws(Failure) {
        let key = try await key(reference)
        try await run { store throws(StorageError) in try await store.deleteKey(id: key.id, owner: nil) }
    }

    private static func apply(_ limits: KeyLimits, to key: inout Key) throws(Failure) {
        limits.isEnabled.apply(to: &key.isEnabled)
        try limits.name.map { name throws(Failure) in try checked(name: name, of: "key") }.apply(to: &key.name)
        limits.expires.apply(to: &key.expires)
        try limits.models.map { list throws(Failure) in try checked(patterns: list, parameter: "models") }
            .apply(to: &key.models)
        try limits.networks.map { list throws(Failure) in try checked(networks: list) }.apply(to: &key.networks)
        try limits.budget.map { budget throws(Failure) in
            try checked(budget, in: .zero...Money.max, parameter: "budget")
        }.apply(to: &key.budget)
        let counts = 1...1_000_000_000
        try limits.requestsPerMinute.map { number throws(Failure) in
            try checked(number, in: counts, parameter: "requests_per_minute")
        }.apply(to: &key.requestsPerMinute)
        try limits.tokensPerMinute.map { number throws(Failure) in
            try checked(number, in: counts, parameter: "tokens_per_minute")
        }.apply(to: &key.tokensPerMinute)
        try limits.maxParallel.map { number throws(Failure) in
            try checked(number, in: counts, parameter: "max_parallel")
        }.apply(to: &key.maxParallel)
        limits.group.apply(to: &key.group)
    }

    /// A network that cannot be read would lock its owner out, so it is refused here.
    private static func checked(networks: [String]) throws(Failure) -> [String] {
        for network in networks {
            guard NetworkRange(network) != nil else {
                throw .invalidRequest(
                    "'\(network.prefix(60))' is neither an address nor a network such as 10.0.0.0/8.",
                    parameter: "networks"
                )
            }
        }
        return networks
    }
}
