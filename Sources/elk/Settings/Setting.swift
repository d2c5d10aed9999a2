/// One row of the table of settings: its name, its meaning and how its text becomes a value.
struct Setting: Sendable {
    /// What a file, the environment or a flag can give.
    enum Value: Sendable, Hashable {
        case text(String)
        case list([String])
    }

    /// Section and name, such as `server.port`.
    let key: String
    /// What a value looks like, such as `a whole number from 0 to 65535`.
    let form: String
    let defaultText: String
    let help: String
    /// Further variables that set it.
    var otherVariables: [String] = []
    /// Short flag of `elk serve`.
    var shortFlag: String?
    /// A value that is not right is not shown either.
    var isSecret = false
    /// Writes a value into the settings; false when it does not have the right form.
    let apply: @Sendable (inout Settings, Value) -> Bool

    var variable: String { "ELK_" + key.uppercased().map { $0 == "." ? "_" : String($0) }.joined() }
    var flag: String { "--" + key.map { $0 == "." || $0 == "_" ? "-" : String($0) }.joined() }
}

extension Setting {
    typealias Path<Value> = any WritableKeyPath<Settings, Value> & Sendable

    static func text(_ key: String, _ path: Path<String>, default defaultText: String? = nil, _ help: String) -> Setting
    {
        Setting(
            key: key,
            form: "text",
            defaultText: defaultText ?? Settings()[keyPath: path],
            help: help,
            apply: { settings, value in
                guard case .text(let text) = value, !text.isEmpty else { return false }
                settings[keyPath: path] = text
                return true
            }
        )
    }

    static func integer(_ key: String, _ path: Path<Int>, _ range: ClosedRange<Int>, _ help: String) -> Setting {
        Setting(
            key: key,
            form: "a whole number from \(range.lowerBound) to \(range.upperBound)",
            defaultText: String(Settings()[keyPath: path]),
            help: help,
            apply: { settings, value in
                guard case .text(let text) = value, let number = Int(text), range.contains(number) else { return false }
                settings[keyPath: path] = number
                return true
            }
        )
    }

    /// A count of bytes: a number alone, or followed by KiB, MiB or GiB.
    static func bytes(_ key: String, _ path: Path<Int>, _ range: ClosedRange<Int>, _ help: String) -> Setting {
        Setting(
            key: key,
            form: "bytes from \(byteText(range.lowerBound)) to \(byteText(range.upperBound))",
            defaultText: byteText(Settings()[keyPath: path]),
            help: help,
            apply: { settings, value in
                guard case .text(let text) = value, let number = byteCount(text), range.contains(number) else {
                    return false
                }
                settings[keyPath: path] = number
                return true
            }
        )
    }

    static func flag(_ key: String, _ path: Path<Bool>, _ help: String) -> Setting {
        Setting(
            key: key,
            form: "true or false",
            defaultText: String(Settings()[keyPath: path]),
            help: help,
            apply: { settings, value in
                guard case .text(let text) = value else { return false }
                switch text.lowercased() {
                case "true", "yes", "on", "1": settings[keyPath: path] = true
                case "false", "no", "off", "0": settings[keyPath: path] = false
                default: return false
                }
                return true
            }
        )
    }

    static func choice<Choice: CaseIterable & RawRepresentable<String> & Sendable>(
        _ key: String,
        _ path: Path<Choice>,
        _ help: String
    ) -> Setting {
        Setting(
            key: key,
            form: "one of " + Choice.allCases.map(\.rawValue).joined(separator: ", "),
            defaultText: Settings()[keyPath: path].rawValue,
            help: help,
            apply: { settings, value in
                guard case .text(let text) = value, let choice = Choice(rawValue: text.lowercased()) else {
                    return false
                }
                settings[keyPath: path] = choice
                return true
            }
        )
    }

    static func secret(
        _ key: String,
        _ path: Path<Secret>,
        default defaultText: String,
        form: String = "text",
        isValid: @escaping @Sendable (String) -> Bool = { _ in true },
        _ help: String
    ) -> Setting {
        Setting(
            key: key,
            form: form,
            defaultText: defaultText,
            help: help,
            isSecret: true,
            apply: { settings, value in
                guard case .text(let text) = value, !text.isEmpty, isValid(text) else { return false }
                settings[keyPath: path] = Secret(text)
                return true
            }
        )
    }

    /// A list in a file; text with commas elsewhere.
    static func names(_ key: String, _ path: Path<[String]>, _ help: String) -> Setting {
        Setting(
            key: key,
            form: "a list, or text with commas between the items",
            defaultText: "none",
            help: help,
            apply: { settings, value in
                guard let items = listed(value) else { return false }
                settings[keyPath: path] = items
                return true
            }
        )
    }

    /// A list in a file; text with commas elsewhere.
    static func secrets(_ key: String, _ path: Path<[Secret]>, _ help: String) -> Setting {
        Setting(
            key: key,
            form: "a list, or text with commas between the items",
            defaultText: "none",
            help: help,
            isSecret: true,
            apply: { settings, value in
                guard let items = listed(value) else { return false }
                settings[keyPath: path] = items.map(Secret.init)
                return true
            }
        )
    }
}

/// The items of a list; nil when one of them is empty.
private func listed(_ value: Setting.Value) -> [String]? {
    let items =
        switch value {
        case .text(let text): text.split(separator: ",").map { trimmed($0) }
        case .list(let list): list.map { trimmed($0[...]) }
        }
    return items.allSatisfy { !$0.isEmpty } ? items : nil
}

private func trimmed(_ text: Substring) -> String {
    var text = text.drop(while: \.isWhitespace)
    while text.last?.isWhitespace == true { text.removeLast() }
    return String(text)
}

private let byteUnits = [("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)]

private func byteText(_ count: Int) -> String {
    for (name, size) in byteUnits where count >= size && count % size == 0 { return "\(count / size) \(name)" }
    return String(count)
}

private func byteCount(_ text: String) -> Int? {
    for (name, size) in byteUnits where text.lowercased().hasSuffix(name.lowercased()) {
        guard let number = Int(trimmed(text.dropLast(name.count))) else { return nil }
        let (count, overflow) = number.multipliedReportingOverflow(by: size)
        return overflow ? nil : count
    }
    return Int(text)
}
