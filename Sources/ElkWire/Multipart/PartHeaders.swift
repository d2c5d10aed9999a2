/// What the headers of one part say (RFC 7578, section 4).
package struct PartHeaders: Sendable, Hashable {
    /// Name of the form field; nil when the part does not say.
    package var name: String?
    /// Name of the file as the client wrote it, untrusted: it may hold path separators or be empty.
    package var filename: String?
    package var contentType: String?

    package init(name: String? = nil, filename: String? = nil, contentType: String? = nil) {
        self.name = name
        self.filename = filename
        self.contentType = contentType
    }

    mutating func take(header name: String, value: [UInt8]) {
        switch name {
        case "content-disposition" where self.name == nil && filename == nil:
            let disposition = HeaderValue(value)
            self.name = disposition["name"].map { String(decoding: $0, as: UTF8.self) }
            filename =
                disposition["filename*"].flatMap(Self.decodeExtended)
                ?? disposition["filename"].map { String(decoding: $0, as: UTF8.self) }
        case "content-type" where contentType == nil:
            contentType = String(decoding: value, as: UTF8.self)
        default:
            break
        }
    }

    /// Text of `charset'language'percent-encoded` (RFC 5987, section 3.2.1); nil when it is not that.
    private static func decodeExtended(_ bytes: [UInt8]) -> String? {
        let pieces = bytes.split(separator: UInt8(ascii: "'"), maxSplits: 2, omittingEmptySubsequences: false)
        guard pieces.count == 3, let decoded = PercentEncoding.decode(pieces[2]) else { return nil }
        switch String(decoding: pieces[0], as: UTF8.self).lowercased() {
        case "utf-8": return String(decoding: decoded, as: UTF8.self)
        case "iso-8859-1": return String(String.UnicodeScalarView(decoded.map { Unicode.Scalar($0) }))
        default: return nil
        }
    }
}
