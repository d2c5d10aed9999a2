/// What may name a model: it goes into paths, logs and routing tables.
package enum ModelName {
    package static let maxBytes = 256

    /// Refuses what no provider's model is called and what could change an address: an empty or overlong name, control
    /// characters, white space, `..`, `?`, `#`, `%`, backslashes, a slash at either end or two in a row.
    package static func isValid(_ name: String) -> Bool {
        guard (1...maxBytes).contains(name.utf8.count) else { return false }
        var last: UInt8 = UInt8(ascii: "/")
        for byte in name.utf8 {
            switch byte {
            case 0...0x20, 0x7F, UInt8(ascii: "?"), UInt8(ascii: "#"), UInt8(ascii: "%"), UInt8(ascii: "\\"),
                UInt8(ascii: "\""):
                return false
            case UInt8(ascii: "/") where last == UInt8(ascii: "/"): return false
            case UInt8(ascii: ".") where last == UInt8(ascii: "."): return false
            default: last = byte
            }
        }
        return last != UInt8(ascii: "/") && !name.unicodeScalars.contains(where: isInvisible)
    }

    /// Control and format characters beyond ASCII, such as those that turn the direction of writing.
    private static func isInvisible(_ scalar: Unicode.Scalar) -> Bool {
        guard scalar.value >= 0x80 else { return false }
        return switch scalar.properties.generalCategory {
        case .control, .format, .lineSeparator, .paragraphSeparator, .spaceSeparator: true
        default: false
        }
    }

    /// The name, or a failure that says what is wrong with it.
    package static func checked(_ name: String?) throws(Failure) -> String {
        guard let name, !name.isEmpty else {
            throw .invalidRequest("You must provide a model parameter.", parameter: "model")
        }
        guard isValid(name) else {
            throw .invalidRequest("The model name is not valid.", parameter: "model", code: "invalid_model")
        }
        return name
    }
}
