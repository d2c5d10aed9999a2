/// What may be stored: refuses values that no reader of them could do anything with.
enum FieldCheck {
    static let longestName = 200

    /// A name for people and command lines: not empty, no control characters, no spaces at its ends.
    static func name(_ text: String, _ field: String) throws(StorageError) {
        try short(text, field)
        guard !text.isEmpty, text.utf8.first != UInt8(ascii: " "), text.utf8.last != UInt8(ascii: " ") else {
            throw StorageError(.invalid, "\(field) must not be empty nor begin or end with a space")
        }
    }

    static func short(_ text: String, _ field: String) throws(StorageError) {
        guard text.utf8.count <= longestName else {
            throw StorageError(.invalid, "\(field) has more than \(longestName) bytes")
        }
        guard !text.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
            throw StorageError(.invalid, "\(field) has control characters in it")
        }
    }

    static func names(_ list: [String], _ field: String) throws(StorageError) {
        for name in list { try self.name(name, field) }
    }

    static func notNegative(_ amount: Money?, _ field: String) throws(StorageError) {
        if let amount, amount.isNegative { throw StorageError(.invalid, "\(field) must not be negative") }
    }

    static func positive(_ number: Int?, _ field: String) throws(StorageError) {
        if let number, number < 1 { throw StorageError(.invalid, "\(field) must be at least 1") }
    }
}
