/// `data:image/png;base64,…`, the way chat clients send images and files in place.
package enum DataURI {
    /// The media type and the base64 text; nil for anything that is not a base64 data URI.
    package static func parse(_ text: String) -> (mediaType: String, base64: String)? {
        guard text.utf8.prefix(5).elementsEqual("data:".utf8) else { return nil }
        guard let comma = text.utf8.firstIndex(of: UInt8(ascii: ",")) else { return nil }
        let head = text[text.utf8.index(text.startIndex, offsetBy: 5)..<comma]
        var fields = head.split(separator: ";", omittingEmptySubsequences: false)
        guard fields.count > 1, fields.removeLast() == "base64" else { return nil }
        let mediaType = fields.first.map(String.init) ?? ""
        return (mediaType.isEmpty ? "text/plain" : mediaType, String(text[text.utf8.index(after: comma)...]))
    }

    package static func text(mediaType: String, base64: String) -> String {
        "data:\(mediaType);base64,\(base64)"
    }
}
