import Foundation

/// Lists and maps of text in a column.
enum JSONText {
    static func encode(_ list: [String]) throws -> String { try text(of: list) }
    static func encode(_ map: [String: String]) throws -> String { try text(of: map) }

    static func list(_ text: String) throws -> [String] {
        guard let list = try value(of: text) as? [String] else { throw damaged }
        return list
    }

    static func map(_ text: String) throws -> [String: String] {
        guard let map = try value(of: text) as? [String: String] else { throw damaged }
        return map
    }

    private static let damaged = StorageError(.corrupt, "a column holds no list of names")

    private static func text(of value: Any) throws -> String {
        let data = try JSONSerialization.data(withJSONObject: value, options: [.sortedKeys, .withoutEscapingSlashes])
        return String(decoding: data, as: UTF8.self)
    }

    private static func value(of text: String) throws -> Any {
        do {
            return try JSONSerialization.jsonObject(with: Data(text.utf8))
        } catch {
            throw damaged
        }
    }
}
