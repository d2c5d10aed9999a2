/// A statement.
///
/// Its text comes from literals in the source alone; every `\(value)` in it is bound, never spliced.
///
///     let sql: SQL = "SELECT name FROM users WHERE id = \(id)"
///
/// The literal type is `StaticString`, so that no text made at run time can become a part of a statement by any path.
package struct SQL: Sendable, ExpressibleByStringInterpolation {
    enum Piece: Sendable {
        case text(StaticString)
        case value(SQLValue)
        case type(ColumnType)
    }

    private(set) var pieces: [Piece]

    package init(stringLiteral text: StaticString) {
        pieces = [.text(text)]
    }

    package init(stringInterpolation: StringInterpolation) {
        pieces = stringInterpolation.pieces
    }

    package struct StringInterpolation: StringInterpolationProtocol {
        package typealias StringLiteralType = StaticString

        var pieces: [Piece] = []

        package init(literalCapacity: Int, interpolationCount: Int) {
            pieces.reserveCapacity(2 * interpolationCount + 1)
        }

        package mutating func appendLiteral(_ literal: StaticString) {
            if literal.utf8CodeUnitCount > 0 { pieces.append(.text(literal)) }
        }

        /// Binds a value.
        package mutating func appendInterpolation(_ value: some SQLBindable) {
            pieces.append(.value(value.sqlValue))
        }

        /// Binds a value or NULL.
        package mutating func appendInterpolation(_ value: (some SQLBindable)?) {
            pieces.append(.value(value.sqlValue))
        }

        /// Puts a part of a statement in.
        package mutating func appendInterpolation(_ part: SQL) {
            pieces += part.pieces
        }

        /// The engine's name of a column type.
        package mutating func appendInterpolation(_ type: ColumnType) {
            pieces.append(.type(type))
        }
    }

    package static func + (left: SQL, right: SQL) -> SQL {
        var sum = left
        sum.pieces += right.pieces
        return sum
    }

    package static func += (left: inout SQL, right: SQL) {
        left.pieces += right.pieces
    }

    /// The text for an engine, and the values in the order of its placeholders.
    package func rendered(for engine: Engine) -> (text: String, values: [SQLValue]) {
        var text = ""
        var values: [SQLValue] = []
        for piece in pieces {
            switch piece {
            case .text(let literal): literal.withUTF8Buffer { text += String(decoding: $0, as: UTF8.self) }
            case .type(let type): text += type.name(in: engine)
            case .value(let value):
                values.append(value)
                text += engine.placeholder(values.count)
            }
        }
        return (text, values)
    }
}

extension [SQL] {
    /// One statement of many parts.
    func joined(by separator: SQL) -> SQL {
        var all: SQL = ""
        for (index, part) in enumerated() {
            if index > 0 { all += separator }
            all += part
        }
        return all
    }
}

/// What differs between engines in the text of a statement.
package enum Engine: Sendable, Hashable {
    case sqlite
    case postgreSQL

    func placeholder(_ number: Int) -> String {
        switch self {
        case .sqlite: "?"
        case .postgreSQL: "$\(number)"
        }
    }
}

/// The column types that tables are made of.
///
/// Times are milliseconds in `integer`, money is nano-dollars in `integer`, truth is 0 or 1 in `integer`, JSON is
/// `text`.
package enum ColumnType: Sendable, Hashable {
    case text
    /// 64 bits.
    case integer
    case blob
    /// The end of a table whose rows are kept in the order of its primary key, where the engine has that.
    case clustered

    func name(in engine: Engine) -> String {
        switch (self, engine) {
        case (.text, _): "TEXT"
        case (.integer, _): "BIGINT"
        case (.blob, .sqlite): "BLOB"
        case (.blob, .postgreSQL): "BYTEA"
        case (.clustered, .sqlite): "WITHOUT ROWID"
        case (.clustered, .postgreSQL): ""
        }
    }
}
