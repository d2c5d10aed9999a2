package import ElkStorage
package import ElkWire

/// Users, their groups and their money.
extension Administration {
    package func users() async throws(Failure) -> [User] {
        try await run { store throws(StorageError) in try await store.users() }
    }

    /// The user of that id or that name.
    package func user(_ reference: String) async throws(Failure) -> User {
        try await run { store throws(StorageError) in
            if let named = try await store.user(named: reference) { return named }
            return try await store.user(id: reference)
        }
    }

    /// - Parameter balance: what a prepaid user starts with.
    package func createUser(
        name: String,
        group: String = Group.defaultName,
        isUnlimited: Bool = false,
        balance: Money = .zero
    ) async throws(Failure) -> User {
        guard !balance.isNegative else { throw .invalidRequest("A balance cannot be negative.", parameter: "balance") }
        let now = now()
        let user = User(
            id: store.newID(at: now),
            name: try Self.checked(name: name, of: "user"),
            group: group,
            isUnlimited: isUnlimited,
            created: now
        )
        return try await run { store throws(StorageError) in
            try await store.createUser(user)
            if balance.isPositive {
                _ = try await store.credit(
                    user: user.id,
                    amount: balance,
                    operation: "create-\(user.id)",
                    note: "opening balance",
                    now: now
                )
            }
            return try await store.user(id: user.id)
        }
    }

    package struct UserChanges: Sendable {
        package var name = Change<String>.keep
        package var group = Change<String>.keep
        package var isUnlimited = Change<Bool>.keep
        package var isEnabled = Change<Bool>.keep

        package init() {}
    }

    package func changeUser(_ reference: String, _ changes: UserChanges) async throws(Failure) -> User {
        var user = try await user(reference)
        try changes.name.map { name throws(Failure) in try Self.checked(name: name, of: "user") }.apply(to: &user.name)
        changes.group.apply(to: &user.group)
        changes.isUnlimited.apply(to: &user.isUnlimited)
        changes.isEnabled.apply(to: &user.isEnabled)
        let changed = user
        try await run { store throws(StorageError) in try await store.updateUser(changed) }
        return changed
    }

    package func deleteUser(_ reference: String) async throws(Failure) {
        let user = try await user(reference)
        guard user.id != User.localID else {
            throw Failure(.conflict, "The built-in user cannot be deleted.", code: "conflict")
        }
        let now = now()
        try await run { store throws(StorageError) in try await store.deleteUser(id: user.id, now: now) }
    }

    /// Adds to a balance, or takes from it when the amount is negative.
    ///
    /// - Parameter operation: names the movement; the same one again changes nothing. Nil makes a new one.
    /// - Returns: the balance after it.
    package func credit(
        _ reference: String,
        amount: Money,
        note: String = "",
        operation: String? = nil
    ) async throws(Failure) -> Money {
        let user = try await user(reference)
        let now = now()
        let operation = operation ?? store.newID(at: now)
        guard (1...128).contains(operation.utf8.count), note.utf8.count <= 500 else {
            throw .invalidRequest("The operation or the note is too long.", parameter: "operation")
        }
        guard !amount.isZero else { throw .invalidRequest("The amount is zero.", parameter: "amount") }
        if amount.isPositive {
            return try await run { store throws(StorageError) in
                try await store.credit(user: user.id, amount: amount, operation: operation, note: note, now: now)
            }
        }
        let taken: Money
        do throws(MoneyOverflow) {
            taken = try amount.negated()
        } catch {
            throw .invalidRequest("The amount is out of range.", parameter: "amount")
        }
        return try await run { store throws(StorageError) in
            try await store.debit(user: user.id, amount: taken, operation: operation, note: note, now: now)
        }
    }

    package func movements(
        _ reference: String,
        before: String? = nil,
        limit: Int = 50
    ) async throws(Failure) -> [EnteredMovement] {
        let user = try await user(reference)
        do throws(StorageError) {
            return try await store.movements(user: user.id, before: before, limit: min(max(limit, 1), Self.maxPage))
        } catch {
            throw Failure(error)
        }
    }

    /// Recomputes the books from their postings and compares.
    package func verifyLedger() async throws(Failure) -> LedgerReport {
        try await run { store throws(StorageError) in try await store.verify() }
    }

    package func groups() async throws(Failure) -> [Group] {
        try await run { store throws(StorageError) in try await store.groups() }
    }

    /// Creates or replaces a group.
    ///
    /// - Parameter factor: parts per million of the list price.
    package func saveGroup(name: String, title: String = "", factor: Int = 1_000_000) async throws(Failure) -> Group {
        let known = try await groups().first { $0.name == name }
        let group = Group(
            name: try Self.checked(name: name, of: "group"),
            title: title.isEmpty ? "" : try Self.checked(name: title, of: "group"),
            factor: try Self.checked(factor, in: 0...1_000_000_000, parameter: "factor") ?? factor,
            created: known?.created ?? now()
        )
        try await run { store throws(StorageError) in try await store.saveGroup(group) }
        return group
    }

    package func deleteGroup(_ name: String) async throws(Failure) {
        try await run { store throws(StorageError) in try await store.deleteGroup(named: name) }
    }
}
