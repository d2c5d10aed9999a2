import ElkStorage
import ElkTestSupport
import Testing

struct UserTests {
    @Test func `a new database has the built-in user and the default group`() async throws {
        let store = try await Fixture.store()
        let users = try await store.users()
        #expect(users.map(\.id) == [User.localID])
        #expect(users.first?.isUnlimited == true)
        #expect(try await store.groups().map(\.name) == [Group.defaultName])
    }

    @Test func `a user is stored, found, changed and removed`() async throws {
        let store = try await Fixture.store()
        var user = User(id: "1", name: "ann", balance: Fixture.dollars("5"), created: 7)
        try await store.createUser(user)
        user.balance = .zero
        #expect(try await store.user(id: "1") == user)
        #expect(try await store.user(named: "ann") == user)
        user.name = "anna"
        user.isEnabled = false
        user.isUnlimited = true
        try await store.updateUser(user)
        #expect(try await store.user(id: "1") == user)
        try await store.deleteUser(id: "1", now: 8)
        #expect(try await store.user(named: "anna") == nil)
        #expect(await code { _ = try await store.user(id: "1") } == .notFound)
        #expect(await code { try await store.updateUser(user) } == .notFound)
        #expect(await code { try await store.deleteUser(id: "1", now: 9) } == .notFound)
    }

    @Test func `a name is taken only as long as its user is there`() async throws {
        let store = try await Fixture.store()
        try await store.createUser(User(id: "1", name: "ann", created: 1))
        #expect(await code { try await store.createUser(User(id: "2", name: "ann", created: 1)) } == .conflict)
        try await store.deleteUser(id: "1", now: 2)
        try await store.createUser(User(id: "2", name: "ann", created: 3))
        #expect(try await store.user(named: "ann")?.id == "2")
    }

    @Test func `removing a user takes keys, responses and balance, and keeps the books`() async throws {
        let store = try await Fixture.store()
        try await Fixture.user("1", balance: "5", in: store)
        try await Fixture.key("k", user: "1", in: store)
        try await store.deleteUser(id: "1", now: 2)
        #expect(try await store.keys(owner: nil).isEmpty)
        let last = try await store.movements(user: "1", limit: 10).first { $0.movement.reason == .removal }
        #expect(last?.postings.map(\.amount) == [Fixture.dollars("5"), Fixture.dollars("-5")])
        #expect(try await store.verify().faults == [])
    }

    @Test func `the built-in user and the default group stay`() async throws {
        let store = try await Fixture.store()
        #expect(await code { try await store.deleteUser(id: User.localID, now: 1) } == .conflict)
        #expect(await code { try await store.deleteGroup(named: Group.defaultName) } == .conflict)
    }

    @Test(arguments: ["", " a", "a ", "a\nb", "a\0b", String(repeating: "x", count: 201)])
    func `names that nobody could type are refused`(name: String) async throws {
        let store = try await Fixture.store()
        #expect(await code { try await store.createUser(User(id: "1", name: name, created: 1)) } == .invalid)
    }

    @Test func `groups are replaced by name and removed when nobody is in them`() async throws {
        let store = try await Fixture.store()
        try await store.saveGroup(Group(name: "vip", title: "VIP", factor: 800_000, created: 1))
        try await store.saveGroup(Group(name: "vip", title: "V", factor: 0, created: 2))
        #expect(try await store.groups().last == Group(name: "vip", title: "V", factor: 0, created: 1))
        try await store.createUser(User(id: "1", name: "ann", group: "vip", created: 1))
        #expect(await code { try await store.deleteGroup(named: "vip") } == .conflict)
        try await store.deleteUser(id: "1", now: 2)
        try await store.deleteGroup(named: "vip")
        #expect(await code { try await store.deleteGroup(named: "vip") } == .notFound)
        #expect(await code { try await store.saveGroup(Group(name: "x", factor: -1, created: 1)) } == .invalid)
        let stray = User(id: "2", name: "bob", group: "nowhere", created: 1)
        #expect(await code { try await store.createUser(stray) } == .notFound)
    }
}
