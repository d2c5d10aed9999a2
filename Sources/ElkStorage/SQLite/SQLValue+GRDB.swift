import Foundation
import GRDB

extension SQLValue {
    var databaseValue: DatabaseValue {
        switch self {
        case .null: .null
        case .integer(let value): value.databaseValue
        case .text(let value): value.databaseValue
        case .blob(let bytes): Data(bytes).databaseValue
        }
    }

    init(_ value: DatabaseValue) {
        switch value.storage {
        case .null: self = .null
        case .int64(let value): self = .integer(value)
        case .string(let text): self = .text(text)
        case .blob(let data): self = .blob(Array(data))
        // No column of ours is one; a reader of it will say that the row is damaged.
        case .double(let value): self = .text(String(value))
        }
    }
}

extension StorageError {
    /// Engine errors by their meaning.
    ///
    /// The engine's messages name tables and columns, and no values.
    init(engine error: any Error) {
        if let error = error as? StorageError {
            self = error
            return
        }
        if error is MoneyOverflow {
            self.init(.overflow, "an amount of money is out of range")
            return
        }
        guard let error = error as? DatabaseError else {
            self.init(.engine, String(describing: error))
            return
        }
        let message = error.message ?? "SQLite error \(error.resultCode.rawValue)"
        switch error.extendedResultCode {
        case .SQLITE_CONSTRAINT_UNIQUE, .SQLITE_CONSTRAINT_PRIMARYKEY, .SQLITE_CONSTRAINT_FOREIGNKEY:
            self.init(.conflict, message)
        case .SQLITE_CONSTRAINT_CHECK, .SQLITE_CONSTRAINT_NOTNULL:
            self.init(.invalid, message)
        default:
            self.init(error.resultCode == .SQLITE_BUSY ? .busy : .engine, message)
        }
    }
}
