import ArgumentParser
import ElkGateway
import ElkServer
import ElkStorage

struct Users: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Administer the accounts that pay.",
        subcommands: [Add.self, List.self, Change.self, Credit.self, Movements.self, Remove.self]
    )
}

extension Users {
    struct Add: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a user.")

        @OptionGroup var options: AdminOptions
        @Option(help: "Group, whose prices and channels it has.")
        var group = Group.defaultName
        @Flag(help: "Is not asked for a balance; what it uses is only noted.")
        var unlimited = false
        @Option(help: "Dollars it starts with.")
        var balance: String?
        @Argument var name: String

        func run() async throws {
            let balance = try balance.map { text throws(CommandFault) in try Typed.money(text, "--balance") } ?? .zero
            let user = try await options.run {
                try await $0.createUser(name: name, group: group, isUnlimited: unlimited, balance: balance)
            }
            try options.show(UserView(user), "\(user.name) has been added: \(user.balanceText)")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show all users and their balances.")

        @OptionGroup var options: AdminOptions

        func run() async throws {
            let users = try await options.run { try await $0.users() }
            var table = TextTable("NAME", "GROUP", "STATE", "BALANCE", "RESERVED", "CREATED", "ID")
            for user in users {
                table.add(
                    user.name,
                    user.group,
                    user.isEnabled ? "on" : "off",
                    user.balanceText,
                    user.reserved.description,
                    timeText(user.created),
                    user.id
                )
            }
            try options.show(users.map { UserView($0) }, table.text)
        }
    }

    struct Change: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "set", abstract: "Change a user.")

        @OptionGroup var options: AdminOptions
        @Option(help: "Another name.")
        var name: String?
        @Option(help: "Another group.")
        var group: String?
        @Flag(inversion: .prefixedNo, help: "Whether it is asked for a balance.")
        var unlimited: Bool?
        @Flag(inversion: .prefixedEnableDisable, help: "Whether its keys work at all.")
        var use: Bool?
        @Argument(help: "Name or id.")
        var user: String

        func run() async throws {
            var changes = Administration.UserChanges()
            if let name { changes.name = .set(name) }
            if let group { changes.group = .set(group) }
            if let unlimited { changes.isUnlimited = .set(unlimited) }
            if let use { changes.isEnabled = .set(use) }
            let wanted = changes
            let changed = try await options.run { try await $0.changeUser(user, wanted) }
            try options.show(UserView(changed), "\(changed.name) has been changed.")
        }
    }

    struct Credit: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Add to a balance, or take from it.",
            discussion: "To take, put -- before the amount: elk users credit anna -- -5"
        )

        @OptionGroup var options: AdminOptions
        @Option(help: "What it is for.")
        var note = ""
        @Option(help: "A name for it; the same one a second time changes nothing.")
        var operation: String?
        @Argument(help: "Name or id.")
        var user: String
        @Argument(help: "Dollars.")
        var amount: String

        func run() async throws {
            let amount = try Typed.money(amount, "The amount")
            let balance = try await options.run {
                try await $0.credit(user, amount: amount, note: note, operation: operation)
            }
            try options.show(["balance": balance.description], "The balance is \(balance) dollars.")
        }
    }

    struct Movements: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show how a user's money moved.")

        @OptionGroup var options: AdminOptions
        @Option(help: "How many.")
        var limit = 50
        @Argument(help: "Name or id.")
        var user: String

        func run() async throws {
            let movements = try await options.run { try await $0.movements(user, limit: limit) }
            var table = TextTable("TIME", "REASON", "POSTINGS", "NOTE")
            for entry in movements {
                let postings = entry.postings.map { "\($0.account.rawValue) \($0.amount)" }.joined(separator: ", ")
                table.add(
                    timeText(entry.movement.created),
                    entry.movement.reason.rawValue,
                    postings,
                    entry.movement.note
                )
            }
            try options.show(movements.map { MovementView($0.movement, $0.postings) }, table.text)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "rm", abstract: "Delete users and their keys.")

        @OptionGroup var options: AdminOptions
        @Argument(help: "Names or ids.")
        var users: [String]

        func run() async throws {
            try await options.run { administration in
                for user in users { try await administration.deleteUser(user) }
            }
        }
    }
}

struct Groups: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Administer groups: classes of users with a factor on prices.",
        subcommands: [Save.self, List.self, Remove.self]
    )

    struct Save: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "set", abstract: "Make or change a group.")

        @OptionGroup var options: AdminOptions
        @Option(help: "Prices are multiplied by it: 1.2 is a fifth more, 0 is free.")
        var factor = "1"
        @Option(help: "What people call it.")
        var title = ""
        @Argument var name: String

        func run() async throws {
            let factor = try Typed.money(factor, "--factor")
            let group = try await options.run {
                try await $0.saveGroup(name: name, title: title, factor: Int(factor.nanoDollars / 1000))
            }
            try options.show(GroupView(group), "The group \(group.name) multiplies prices by \(factor).")
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show all groups.")

        @OptionGroup var options: AdminOptions

        func run() async throws {
            let groups = try await options.run { try await $0.groups() }
            var table = TextTable("NAME", "FACTOR", "TITLE")
            for group in groups {
                table.add(group.name, Money(nanoDollars: Int64(group.factor) * 1000).description, group.title)
            }
            try options.show(groups.map { GroupView($0) }, table.text)
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "rm", abstract: "Delete groups.")

        @OptionGroup var options: AdminOptions
        @Argument var names: [String]

        func run() async throws {
            try await options.run { administration in
                for name in names { try await administration.deleteGroup(name) }
            }
        }
    }
}

extension User {
    fileprivate var balanceText: String { isUnlimited ? "unlimited" : balance.description }
}
