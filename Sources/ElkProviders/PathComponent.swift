import ElkWire

/// What may stand between two slashes of an upstream path.
///
/// Model names come from clients, and a provider's key goes wherever the path leads, so the alphabet is closed: no `/`, `#`,
/// `?`, `@`, `%`, `:`, no white space, no control character, nothing above ASCII, and neither `.` nor `..`.
enum PathComponent {
    static let maximumLength = 200

    static func isSafe(_ text: some StringProtocol) -> Bool {
        let bytes = text.utf8
        return (1...maximumLength).contains(bytes.count) && text != "." && text != ".."
            && bytes.allSatisfy {
                $0.isLetterOrDigit || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
            }
    }

    /// A model name for a path that has the model in it.
    ///
    /// Google's resource names begin with `models/`, which stands there already.
    static func model(_ name: String) throws(Failure) -> String {
        let name = name.hasPrefix("models/") ? String(name.dropFirst(7)) : name
        guard isSafe(name) else {
            throw .invalidRequest("This model's name cannot be used with this provider", parameter: "model")
        }
        return name
    }
}

extension UInt8 {
    var isDigit: Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self) }
    var isLetterOrDigit: Bool {
        isDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(self | 0x20)
    }
    var isHexDigit: Bool { isDigit || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(self | 0x20) }
}
