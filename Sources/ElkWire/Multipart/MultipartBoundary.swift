/// The delimiter of a multipart body, as its content type names it.
package struct MultipartBoundary: Sendable, Hashable {
    /// RFC 2046 allows 70; some clients send more.
    package static let maxLength = 200

    package let text: String

    /// Takes any printable ASCII that does not end in a space: more than RFC 2046 allows, because clients do send it.
    package init(_ text: String) throws(MultipartError) {
        guard
            (1...Self.maxLength).contains(text.utf8.count),
            text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }),
            text.utf8.last != UInt8(ascii: " ")
        else { throw .notMultipart }
        self.text = text
    }

    /// Takes a text that is known to be printable ASCII.
    init(trusted text: String) {
        self.text = text
    }

    /// Reads the boundary out of a `Content-Type` value such as `multipart/form-data; boundary="x y"`.
    package init(contentType: String) throws(MultipartError) {
        let header = HeaderValue(Array(contentType.utf8))
        guard header.value == "multipart/form-data", let boundary = header["boundary"] else { throw .notMultipart }
        try self.init(String(decoding: boundary, as: UTF8.self))
    }
}
