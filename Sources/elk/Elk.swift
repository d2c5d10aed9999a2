import ArgumentParser
import Dispatch
import ElkAudio
import Glibc

@main
struct Elk: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "elk",
        abstract: "One key and one address for every model: an AI gateway with speech to text on your own machine.",
        discussion: "Exit codes: 0 all went well, 1 something failed, 2 wrong usage, 3 the model is not installed.",
        version: "elk 0.1.0",
        subcommands: [
            Serve.self, Transcribe.self, Speak.self, Models.self, Channels.self, Keys.self, Users.self, Groups.self,
            Prices.self,
            Usage.self, Logs.self, Ledger.self,
        ]
    )

    static func main() async {
        // FFmpeg's libraries take some 50 ms, while the arguments are parsed and the model is loaded; a fault is told with the first
        // recording.
        if CommandLine.arguments.dropFirst().first == "transcribe" {
            DispatchQueue.global().async { try? AudioDecoder.prepare() }
        }
        do {
            try await answer(expandingSettingFlags(Array(CommandLine.arguments.dropFirst())))
            if let reason = Console.outputFault {
                throw CommandFault(.failure, "The standard output cannot be written: \(reason)")
            }
        } catch let fault as CommandFault {
            if !fault.message.isEmpty { Console.error("elk: \(fault.message)") }
            Glibc.exit(fault.code.rawValue)
        } catch let error as SettingsError {
            Console.error("elk: \(error)")
            Glibc.exit(CommandFault.Code.usage.rawValue)
        } catch {
            let code = exitCode(for: error)
            Console.error(fullMessage(for: error))
            Glibc.exit(code == .validationFailure ? CommandFault.Code.usage.rawValue : code.rawValue)
        }
    }

    private static func answer(_ arguments: [String]) async throws {
        do {
            var command = try parseAsRoot(arguments)
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            let isOurs = error is CommandFault || error is SettingsError
            // Asking for help or the version is no mistake.
            guard !isOurs, exitCode(for: error).isSuccess else { throw error }
            Console.output(fullMessage(for: error) + "\n")
        }
    }
}

/// Why a command ends early: what to print and the exit code that scripts see.
struct CommandFault: Error, Sendable, Hashable {
    enum Code: CInt, Sendable, Hashable {
        case failure = 1
        case usage = 2
        case modelMissing = 3
        /// As shells report a program that Ctrl-C ended.
        case interrupted = 130
    }

    let code: Code
    let message: String

    init(_ code: Code, _ message: String = "") {
        self.code = code
        self.message = message
    }
}
