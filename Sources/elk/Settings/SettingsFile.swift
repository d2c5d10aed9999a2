import ElkModels
import Yams

/// A settings file: YAML with a mapping of sections, each a mapping of names to values.
struct SettingsFile {
    struct Entry {
        var setting: Setting
        var value: Setting.Value
        /// File and line, for messages.
        var place: String
    }

    let entries: [Entry]

    /// - Parameter name: how messages call the file.
    init(_ text: String, name: String) throws(SettingsError) {
        let root: Node?
        do {
            root = try Yams.compose(yaml: text)
        } catch {
            throw SettingsError("\(name) is not YAML: \(error)")
        }
        var entries: [Entry] = []
        for (section, node) in try Self.members(of: root, in: name) {
            for (member, value) in try Self.members(of: node, in: "\(section.text) in \(name)") {
                let key = "\(section.text).\(member.text)"
                let place = "\(name), line \(member.line)"
                guard let setting = Setting.named(key) else { throw SettingsError(unknown(key, in: place)) }
                entries.append(Entry(setting: setting, value: try Self.value(of: value, key, place), place: place))
            }
        }
        self.entries = entries
    }

    private typealias Name = (text: String, line: Int)

    /// The names and values of a mapping; nothing there is as good as an empty one.
    private static func members(of node: Node?, in place: String) throws(SettingsError) -> [(name: Name, Node)] {
        guard let node, node.null == nil else { return [] }
        guard let mapping = node.mapping else { throw SettingsError("\(place) must hold names and values.") }
        var members: [(name: Name, Node)] = []
        for (key, value) in mapping {
            guard let text = key.scalar?.string else { throw SettingsError("\(place) has a name that is no text.") }
            members.append(((text, key.mark?.line ?? 0), value))
        }
        return members
    }

    private static func value(of node: Node, _ key: String, _ place: String) throws(SettingsError) -> Setting.Value {
        if let scalar = node.scalar { return .text(scalar.string) }
        if let sequence = node.sequence {
            let items = sequence.compactMap(\.scalar?.string)
            if items.count == sequence.count { return .list(items) }
        }
        throw SettingsError("\(key) (\(place)) is neither a value nor a list of values.")
    }
}

func unknown(_ key: String, in place: String) -> String {
    let hint = nearest(to: key, in: Setting.all.map(\.key)).map { " Did you mean \($0)?" } ?? ""
    return "There is no setting \(key) (\(place)).\(hint)"
}
