package import ElkStorage
import ElkWire

/// What an operator can do: once, for the admin API and the command line.
///
/// It works on the database alone. A running server notices what changed there within a second. Who calls has been recognised
/// as the operator; nothing here asks again. Secrets go in and are never given out again, but for a key that was just made.
package struct Administration: Sendable {
    package static let maxNameBytes = 100
    package static let maxPage = 1000

    let store: Store
    let now: @Sendable () -> Int64

    /// - Parameter now: milliseconds since 1970.
    package init(store: Store, now: @escaping @Sendable () -> Int64) {
        self.store = store
        self.now = now
    }

    /// Milliseconds since 1970.
    package var time: Int64 { now() }

    /// Runs a call of the store and says its errors in the terms of a client.
    func run<Value>(_ body: (Store) async throws(StorageError) -> Value) async throws(Failure) -> Value {
        do throws(StorageError) {
            return try await body(store)
        } catch {
            throw Failure(error)
        }
    }

    /// A name as people give it: not empty, not long, on one line.
    static func checked(name: String, of what: String) throws(Failure) -> String {
        guard (1...maxNameBytes).contains(name.utf8.count), name.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }),
            name.utf8.first != UInt8(ascii: " "), name.utf8.last != UInt8(ascii: " ")
        else {
            throw .invalidRequest(
                "The name of a \(what) must be 1 to \(maxNameBytes) bytes on one line.",
                parameter: "name"
            )
        }
        return name
    }

    static func checked(patterns: [String], parameter: String) throws(Failure) -> [String] {
        for pattern in patterns {
            guard ModelName.isValid(pattern) else {
                throw .invalidRequest("'\(pattern.prefix(60))' is no model name or pattern.", parameter: parameter)
            }
        }
        return patterns
    }

    static func checked<Number: Comparable & Sendable>(
        _ number: Number?,
        in range: ClosedRange<Number>,
        parameter: String
    ) throws(Failure) -> Number? {
        guard let number, !range.contains(number) else { return number }
        throw .invalidRequest(
            "'\(parameter)' must be from \(range.lowerBound) to \(range.upperBound).",
            parameter: parameter
        )
    }
}

/// What is to become of one member of a record.
package enum Change<Value: Sendable>: Sendable {
    case keep
    case set(Value)

    package func apply(to value: inout Value) {
        if case .set(let new) = self { value = new }
    }

    package func map<Other: Sendable, Failed: Error>(
        _ transform: (Value) throws(Failed) -> Other
    ) throws(Failed) -> Change<Other> {
        switch self {
        case .keep: .keep
        case .set(let value): .set(try transform(value))
        }
    }
}

extension Failure {
    /// What the store refused, as an operator is told.
    init(_ error: StorageError) {
        switch error.code {
        case .notFound: self.init(.notFound, Self.sentence(error), code: "not_found")
        case .conflict: self.init(.conflict, Self.sentence(error), code: "conflict")
        case .insufficientBalance:
            self.init(.conflict, "The balance is less than that.", code: "insufficient_balance")
        case .invalid: self.init(.invalidRequest, Self.sentence(error), code: "invalid_value")
        case .overflow: self.init(.invalidRequest, "The amount is out of range.", code: "invalid_value")
        case .busy:
            self.init(.unavailable, "The database is busy.", retryAfterMilliseconds: 1000, detail: error.message)
        case .newerSchema, .wrongMasterKey, .corrupt, .permissions, .engine:
            self.init(.internal, "The database cannot do this: \(error.message).", detail: error.message)
        }
    }

    private static func sentence(_ error: StorageError) -> String {
        let text = error.message
        return (text.first.map { $0.uppercased() } ?? "") + text.dropFirst() + (text.hasSuffix(".") ? "" : ".")
    }
}
