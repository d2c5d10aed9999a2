import ElkWire

/// The query of a request, read name by name.
struct RequestQuery {
    private let items: [(name: Substring, value: Substring)]

    /// - Parameter text: what follows the question mark.
    init(_ text: Substring) {
        items = text.split(separator: "&").prefix(64).map { item in
            let parts = item.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            return (parts[0], parts.count == 2 ? parts[1] : "")
        }
    }

    /// The decoded value of the first item of that name.
    subscript(name: String) -> String? {
        guard let item = items.first(where: { $0.name == name }) else { return nil }
        let plain = item.value.utf8.map { $0 == UInt8(ascii: "+") ? UInt8(ascii: " ") : $0 }
        return PercentEncoding.decode(plain).map { String(decoding: $0, as: UTF8.self) }
    }

    func integer(_ name: String) -> Int? { self[name].flatMap { Int($0) } }

    /// The items that an upstream may see, as they were sent; nil when there are none.
    ///
    /// A list, so that neither a key nor an address ever goes along.
    var forUpstream: String? {
        guard !items.isEmpty else { return nil }
        let kept = items.filter { item in
            switch item.name {
            case "beta": item.value == "true"
            case "alt": item.value == "sse" || item.value == "json"
            default: false
            }
        }
        return kept.isEmpty ? nil : kept.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
    }
}
