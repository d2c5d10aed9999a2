/// Why a document is not JSON that we take on (RFC 8259), and where.
package struct JSONError: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Reason: Sendable, Hashable {
        case empty
        case byteOrderMark
        case unexpectedByte
        case unexpectedEnd
        case controlCharacterInString
        case badEscape
        case badNumber
        case badUTF8
        case tooDeep
        /// More text after the value.
        case trailingBytes
        /// Above 2 GiB.
        case tooLarge
    }

    package let reason: Reason
    /// Offset of the offending byte in the document.
    package let offset: Int

    package init(_ reason: Reason, at offset: Int) {
        self.reason = reason
        self.offset = offset
    }

    /// A sentence part that quotes nothing of the document, so that it can go into an answer.
    package var description: String {
        switch reason {
        case .empty: "the document is empty"
        case .byteOrderMark: "the document begins with a byte order mark"
        case .unexpectedByte: "unexpected character at byte \(offset)"
        case .unexpectedEnd: "the document ends too early, at byte \(offset)"
        case .controlCharacterInString: "unescaped control character in a string at byte \(offset)"
        case .badEscape: "invalid escape sequence at byte \(offset)"
        case .badNumber: "invalid number at byte \(offset)"
        case .badUTF8: "invalid UTF-8 at byte \(offset)"
        case .tooDeep: "nested too deeply at byte \(offset)"
        case .trailingBytes: "text after the end of the value at byte \(offset)"
        case .tooLarge: "the document is too large"
        }
    }
}
