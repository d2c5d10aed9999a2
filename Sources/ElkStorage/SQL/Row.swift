/// One row of a result, read from left to right: each call takes the next column.
package struct Row: Sendable {
    private let values: [SQLValue]
    private var position = 0

    package init(_ values: [SQLValue]) {
        self.values = values
    }

    package mutating func optionalInteger() throws -> Int64? {
        switch try next() {
        case .null: nil
        case .integer(let value): value
        case .text, .blob: throw mismatch("an integer")
        }
    }

    package mutating func optionalText() throws -> String? {
        switch try next() {
        case .null: nil
        case .text(let value): value
        case .integer, .blob: throw mismatch("text")
        }
    }

    package mutating func blob() throws -> [UInt8] {
        guard case .blob(let value) = try next() else { throw mismatch("bytes") }
        return value
    }

    package mutating func text() throws -> String {
        guard let value = try optionalText() else { throw mismatch("text") }
        return value
    }

    package mutating func integer() throws -> Int64 {
        guard let value = try optionalInteger() else { throw mismatch("an integer") }
        return value
    }

    package mutating func int() throws -> Int { Int(try integer()) }
    package mutating func optionalInt() throws -> Int? { try optionalInteger().map { Int($0) } }
    package mutating func bool() throws -> Bool { try integer() != 0 }
    package mutating func money() throws -> Money { Money(nanoDollars: try integer()) }
    package mutating func optionalMoney() throws -> Money? { try optionalInteger().map(Money.init(nanoDollars:)) }

    package mutating func digest() throws -> KeyDigest {
        guard let digest = KeyDigest(bytes: try blob()) else { throw mismatch("a digest") }
        return digest
    }

    private mutating func next() throws -> SQLValue {
        guard position < values.count else { throw mismatch("one more column") }
        defer { position += 1 }
        return values[position]
    }

    private func mismatch(_ expected: String) -> StorageError {
        StorageError(.corrupt, "column \(position) of a row is not \(expected)")
    }
}
