import ArgumentParser

@main
struct Elk: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "elk", abstract: "Speech to text and more, on your own machine.")
}
