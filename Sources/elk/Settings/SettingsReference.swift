/// The table of settings as people read it.
enum SettingsReference {
    /// For `elk serve --help`.
    static var help: String {
        var lines = ["SETTINGS, each with its variable and its default:"]
        for setting in Setting.all {
            lines.append("  " + ([setting.shortFlag].compactMap { $0 } + [setting.flag]).joined(separator: ", "))
            let text = "\(setting.help) [\(variables(of: setting)); \(setting.defaultText)]"
            var line = "     "
            for word in text.split(separator: " ") {
                if line.count + word.count >= 78 {
                    lines.append(line)
                    line = "     "
                }
                line += " " + word
            }
            lines.append(line)
        }
        return lines.joined(separator: "\n")
    }

    /// The whole of docs/settings.md.
    static var markdown: String {
        var text = """
            # Settings

            Every setting can be given in a YAML file, as an environment variable and as a flag of every command. The later
            of these wins: default, file, environment, flag.

            The file is the one that `--config FILE` or `ELK_CONFIG` names, else `elk.yaml` in the working folder, else
            `elk/elk.yaml` in `$XDG_CONFIG_HOME` (`~/.config`). A name it does not know is an error, not a silent nothing.

            ```yaml
            server:
              port: 8484
              api_keys: [a-long-random-text]
            speech:
              default_model: base
            ```

            The variable of `server.port` is `ELK_SERVER_PORT`, its flag `--server-port`; `--set server.port=8484` does the same.

            """
        for section in sections {
            text += "\n## \(section)\n\n| Setting | Variable | Default | Form | Meaning |\n|---|---|---|---|---|\n"
            for setting in Setting.all where setting.key.hasPrefix(section + ".") {
                let flag = setting.shortFlag.map { " Short flag: `\($0)`." } ?? ""
                let name = "`\(setting.key)` | \(variables(of: setting, quote: "`"))"
                text += "| \(name) | \(setting.defaultText) | \(setting.form) | \(setting.help)\(flag) |\n"
            }
        }
        return text
    }

    private static var sections: [String] {
        var sections: [String] = []
        for setting in Setting.all {
            let section = String(setting.key.prefix { $0 != "." })
            if sections.last != section { sections.append(section) }
        }
        return sections
    }

    private static func variables(of setting: Setting, quote: String = "") -> String {
        ([setting.variable] + setting.otherVariables).map { quote + $0 + quote }.joined(separator: ", ")
    }
}
