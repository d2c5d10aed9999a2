import ArgumentParser
import FoundationEssentials

/// The options that every command shares.
struct SettingsOptions: ParsableArguments {
    @Option(name: .customLong("config"), help: "Settings file (YAML).")
    var file: String?

    @Option(
        name: .customLong("set"),
        help: ArgumentHelp("A setting; --server-port 8000 is short for --set server.port=8000.", valueName: "key=value")
    )
    var assignments: [String] = []

    func load() throws(SettingsError) -> Settings {
        let environment = ProcessInfo.processInfo.environment
        return try SettingsLoader(environment: environment, file: file, assignments: assignments).load()
    }
}

/// Turns the flag of a setting and its value into `--set`, so that the table alone says which flags there are.
func expandingSettingFlags(_ arguments: [String]) -> [String] {
    var result: [String] = []
    var rest = arguments[...]
    while let argument = rest.popFirst() {
        if argument == "--" { return result + [argument] + rest }
        let parts = argument.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
        guard let setting = Setting.all.first(where: { $0.flag == parts.first || $0.shortFlag == parts.first }) else {
            result.append(argument)
            continue
        }
        // Without a value the loader says what is missing.
        let value = parts.count == 2 ? parts[1] : rest.popFirst()
        result += ["--set", value.map { "\(setting.key)=\($0)" } ?? setting.key]
    }
    return result
}
