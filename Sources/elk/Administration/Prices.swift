import ArgumentParser
import ElkGateway
import ElkServer
import ElkStorage
import FoundationEssentials

struct Prices: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say what models cost.",
        subcommands: [List.self, Save.self, Import.self, Remove.self]
    )
}

extension Prices {
    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Show all prices.")

        @OptionGroup var options: AdminOptions

        func run() async throws {
            let prices = try await options.run { try await $0.prices() }.map { PriceView($0) }
            var table = TextTable("MODEL", "DOLLARS")
            for price in prices {
                table.add(price.model, price.named.map { "\($0.name) \($0.amount)" }.joined(separator: ", "))
            }
            try options.show(prices, table.text)
        }
    }

    struct Save: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "set",
            abstract: "Set the price of a model.",
            discussion: """
                RATE is NAME=DOLLARS. For a million tokens: input, cache_read, cache_write, cache_write_1h, audio_input, \
                image_input, output, reasoning, audio_output, image_output. For a million characters: characters. For one: \
                audio_second, image, search, request.

                elk prices set gpt-4o input=2.50 cache_read=1.25 output=10
                """
        )

        @OptionGroup var options: AdminOptions
        @Argument(help: "Model, or names that begin alike with * at the end.")
        var model: String
        @Argument(help: "NAME=DOLLARS")
        var rate: [String]

        func run() async throws {
            var view = PriceView(Price(model: model, created: Clock.now))
            for text in rate {
                let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
                guard parts.count == 2, view.set(parts[0], parts[1]) else {
                    throw CommandFault(
                        .usage,
                        "'\(text)' is no rate; rates are " + PriceView.names.joined(separator: ", ") + "."
                    )
                }
            }
            guard let price = view.price(created: Clock.now) else {
                throw CommandFault(.usage, "A price is no amount in dollars.")
            }
            try await options.run { try await $0.savePrices([price]) }
            try options.show(PriceView(price), "\(model) has a price.")
        }
    }

    struct Import: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Take prices from a file, or the list that comes with Elk.",
            discussion: """
                FILE holds what elk prices list --json prints. The list that comes with Elk holds what the providers asked when it \
                was written: look through it before you charge by it.
                """
        )

        @OptionGroup var options: AdminOptions
        @Flag(help: "Also replace prices that are there already.")
        var replace = false
        @Argument var file: String?

        func run() async throws {
            let prices =
                try file.map { path throws(CommandFault) in try read(path) }
                ?? ListPrices.all(created: Clock.now)
            let replaces = replace
            let taken = try await options.run { administration in
                let known = replaces ? [] : Set(try await administration.prices().map(\.model))
                let new = prices.filter { !known.contains($0.model) }
                try await administration.savePrices(new)
                return new
            }
            try options.show(taken.map { PriceView($0) }, "\(taken.count) of \(prices.count) prices have been taken.")
        }

        private func read(_ path: String) throws(CommandFault) -> [Price] {
            let views: [PriceView]
            do {
                views = try JSONDecoder().decode([PriceView].self, from: Data(contentsOf: URL(filePath: path)))
            } catch {
                throw CommandFault(.failure, "\(path) is no list of prices: \(error)")
            }
            var prices: [Price] = []
            for view in views {
                guard let price = view.price(created: Clock.now) else {
                    throw CommandFault(.failure, "\(path): the price of \(view.model) is no amount in dollars.")
                }
                prices.append(price)
            }
            return prices
        }
    }

    struct Remove: AsyncParsableCommand {
        static let configuration = CommandConfiguration(commandName: "rm", abstract: "Delete prices.")

        @OptionGroup var options: AdminOptions
        @Argument var models: [String]

        func run() async throws {
            try await options.run { administration in
                for model in models { try await administration.deletePrice(model) }
            }
        }
    }
}
