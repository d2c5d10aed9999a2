import ElkModels
import ElkServer
import FoundationEssentials

/// Puts the settings together: defaults, then the file, then the environment, then flags; the last word counts.
struct SettingsLoader {
    var environment: [String: String]
    /// File named by `--config`.
    var file: String?
    /// `key=value` from `--set` and the flags that stand for it, in order.
    var assignments: [String] = []
    var readFile: (String) throws -> String = { try String(contentsOfFile: $0, encoding: .utf8) }
    var fileExists: (String) -> Bool = { FileManager.default.fileExists(atPath: $0) }

    func load() throws(SettingsError) -> Settings {
        var settings = Settings()
        settings.models.folder = ModelStore.defaultFolder(environment: environment)
        // Beside the models, in the folder for Elk's data.
        settings.storage.path = "\(settings.models.folder.dropLast("/models".count))/elk.db"
        if let path = try filePath() {
            let text: String
            do {
                text = try readFile(path)
            } catch {
                throw SettingsError("The settings file \(path) cannot be read.")
            }
            for entry in try SettingsFile(text, name: path).entries {
                try apply(entry.setting, entry.value, from: entry.place, to: &settings)
            }
        }
        for setting in Setting.all {
            for variable in setting.otherVariables + [setting.variable] {
                guard let text = environment[variable], !text.isEmpty else { continue }
                try apply(setting, .text(text), from: variable, to: &settings)
            }
        }
        for assignment in assignments {
            let parts = assignment.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let key = String(parts[0])
            guard let setting = Setting.named(key) else { throw SettingsError(unknown(key, in: "--set")) }
            guard parts.count == 2 else { throw SettingsError("--set \(key) lacks its value: --set \(key)=VALUE") }
            try apply(setting, .text(String(parts[1])), from: setting.flag, to: &settings)
        }
        return settings
    }

    private func apply(
        _ setting: Setting,
        _ value: Setting.Value,
        from place: String,
        to settings: inout Settings
    ) throws(SettingsError) {
        guard !setting.apply(&settings, value) else { return }
        var given = ""
        // A key typed into the wrong place must not end up in a log.
        if case .text(let text) = value, !setting.isSecret { given = ", not '\(text)'" }
        throw SettingsError("\(setting.key) (\(place)) must be \(setting.form)\(given).")
    }

    /// The file to read: the named one, which must be there, or the first usual one that is.
    private func filePath() throws(SettingsError) -> String? {
        if let named = file ?? nonEmpty("ELK_CONFIG") {
            guard fileExists(named) else { throw SettingsError("There is no settings file \(named).") }
            return named
        }
        let home = nonEmpty("XDG_CONFIG_HOME") ?? nonEmpty("HOME").map { $0 + "/.config" }
        return (["elk.yaml"] + [home].compactMap { $0.map { $0 + "/elk/elk.yaml" } }).first(where: fileExists)
    }

    private func nonEmpty(_ variable: String) -> String? {
        environment[variable].flatMap { $0.isEmpty ? nil : $0 }
    }
}

extension Settings.Server {
    /// A server that other machines can reach needs a key.
    func checkReach(hasStoredKeys: Bool = false) throws(SettingsError) {
        guard apiKeys.isEmpty, !hasStoredKeys, !ServerConfiguration.isLoopback(host) else { return }
        throw SettingsError(
            """
            server.host is \(host), which other machines can reach, and there is no API key. \
            Make one with: elk keys create NAME. Or set server.api_keys (or ELK_API_KEY) to a long random text, or listen \
            on 127.0.0.1.
            """
        )
    }
}
