/// A credential in clear, which no log line, error text, dump or reflection shows.
///
/// Read it with `reveal()` where it is used, and keep the text no longer than that. Comparison takes the same time for all
/// texts of one length.
package struct Secret: Sendable, Equatable {
    private let text: String

    package init(_ text: String) {
        self.text = text
    }

    package func reveal() -> String { text }

    package var isEmpty: Bool { text.isEmpty }

    /// Enough to recognise it by: the first characters and the last ones of a long secret, only `***` of a short one.
    package var hint: String {
        guard text.utf8.count >= 24 else { return "***" }
        return "\(text.prefix(6))***\(text.suffix(4))"
    }

    package static func == (left: Secret, right: Secret) -> Bool {
        let left = left.text.utf8
        let right = right.text.utf8
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(0) { $0 | ($1.0 ^ $1.1) } == 0
    }
}

extension Secret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "***" }
    package var debugDescription: String { "***" }
    package var customMirror: Mirror { Mirror(self, children: []) }
}
