import HTTPTypes

/// Whether a client wants to be answered at once and to ask for the result later.
enum AsyncWish: Hashable {
    case none
    /// `Prefer: respond-async` (RFC 7240), which may be passed over.
    case preferred
    /// `?async=1`, which may not.
    case demanded

    init(_ headers: HTTPFields, _ query: RequestQuery) {
        if let value = query["async"], ["1", "true", ""].contains(value.lowercased()) {
            self = .demanded
        } else {
            let wishes = headers[values: .prefer].flatMap { $0.split(separator: ",") }
            self = wishes.contains { Self.name(of: $0) == "respond-async" } ? .preferred : .none
        }
    }

    /// A preference without its value and parameters.
    private static func name(of wish: Substring) -> String {
        let name = wish.prefix { $0 != ";" && $0 != "=" }
        return name.filter { !$0.isWhitespace }.lowercased()
    }
}
