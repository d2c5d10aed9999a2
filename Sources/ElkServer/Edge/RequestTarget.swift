import HTTPTypes
import HummingbirdCore

/// Path and query of a request, as they were sent.
struct RequestTarget: Sendable {
    let path: Substring
    private let rawQuery: Substring

    init(_ request: Request) {
        let target = request.head.path ?? "/"
        // A proxy's client sends whole addresses.
        let text = target.utf8.first == UInt8(ascii: "/") ? target : request.uri.path
        let end = text.utf8.firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? text.endIndex
        path = text[..<end]
        rawQuery = end < text.endIndex && text.utf8[end] == UInt8(ascii: "?") ? text[end...].dropFirst() : ""
    }

    var query: RequestQuery { RequestQuery(rawQuery) }
}
