/// Why the store did not do what it was asked to.
///
/// The message may name ids and fields, never a secret or a bound value; it is for logs and for operators.
package struct StorageError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Code: Sendable, Hashable {
        /// No such record, or not of that owner.
        case notFound
        /// A unique name, id or digest is taken, or a record is still in use by another.
        case conflict
        /// The account has less than the movement takes.
        case insufficientBalance
        /// A field has a value that cannot be stored.
        case invalid
        /// An amount left the range of `Money`.
        case overflow
        /// The database was written by a newer version of Elk.
        case newerSchema
        /// The master key is not the one the secrets were sealed under.
        case wrongMasterKey
        /// A stored value cannot be read back as what it should be.
        case corrupt
        /// A file's access rights are wider than its owner.
        case permissions
        /// Another process kept the database locked for longer than the busy timeout.
        case busy
        /// The engine or the file system failed: disk full, not a database, ...
        case engine
    }

    package var code: Code
    package var message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }

    static func notFound(_ what: String) -> StorageError { StorageError(.notFound, "no such \(what)") }
}
