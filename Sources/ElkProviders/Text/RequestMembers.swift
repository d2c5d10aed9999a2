package import ElkWire

/// The members of one object of a client's body, read once and typed, with errors that name the member.
///
/// `null` counts as absent. The last of duplicates wins.
package struct RequestMembers {
    private let values: [String: JSONSlice]
    /// The order of first appearance, for `unread`.
    private let order: [String]
    /// `messages[3].content[0]`; empty at the root.
    package let path: String

    package init(_ slice: JSONSlice, path: String = "") throws(Failure) {
        guard slice.kind == .object else {
            throw .invalidRequest(
                path.isEmpty ? "The body must be a JSON object." : "'\(path)' must be an object.",
                parameter: path.isEmpty ? nil : path
            )
        }
        var values: [String: JSONSlice] = [:]
        var order: [String] = []
        for (key, value) in slice.members {
            let name = key.string
            if value.isNull {
                values[name] = nil
            } else if values.updateValue(value, forKey: name) == nil {
                order.append(name)
            }
        }
        self.values = values
        self.order = order
        self.path = path
    }

    package subscript(_ key: String) -> JSONSlice? { values[key] }

    package func name(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    package func string(_ key: String) throws(Failure) -> String? {
        try typed(key, "a string") { $0.string }
    }

    package func requiredString(_ key: String) throws(Failure) -> String {
        guard let text = try string(key) else { throw missing(key) }
        return text
    }

    package func int(_ key: String) throws(Failure) -> Int? {
        // Some clients write 1024.0.
        try typed(key, "an integer") { $0.int ?? $0.double.flatMap { Int(exactly: $0) } }
    }

    package func double(_ key: String) throws(Failure) -> Double? {
        try typed(key, "a number") { $0.double }
    }

    package func bool(_ key: String) throws(Failure) -> Bool? {
        try typed(key, "true or false") { $0.bool }
    }

    package func object(_ key: String) throws(Failure) -> RequestMembers? {
        guard let value = values[key] else { return nil }
        return try RequestMembers(value, path: name(key))
    }

    /// The elements of an array, each with its path.
    package func array(_ key: String) throws(Failure) -> [(value: JSONSlice, path: String)]? {
        guard let value = values[key] else { return nil }
        guard value.kind == .array else { throw wrong(key, "an array") }
        var elements: [(value: JSONSlice, path: String)] = []
        for element in value.elements {
            elements.append((element, "\(name(key))[\(elements.count)]"))
        }
        return elements
    }

    /// A string, or an array of strings.
    package func strings(_ key: String) throws(Failure) -> [String] {
        guard let value = values[key] else { return [] }
        if let text = value.string { return [text] }
        guard value.kind == .array else { throw wrong(key, "a string or an array of strings") }
        var strings: [String] = []
        for element in value.elements {
            guard let text = element.string else { throw wrong(key, "a string or an array of strings") }
            strings.append(text)
        }
        return strings
    }

    /// The paths of members that are not among `known`, in their order.
    package func unread(besides known: Set<String>) -> [String] {
        order.filter { !known.contains($0) && values[$0] != nil }.map(name)
    }

    package func missing(_ key: String) -> Failure {
        .invalidRequest("'\(name(key))' is missing.", parameter: name(key), code: "missing_required_parameter")
    }

    package func wrong(_ key: String, _ wanted: String) -> Failure {
        .invalidRequest("'\(name(key))' must be \(wanted).", parameter: name(key), code: "invalid_type")
    }

    private func typed<Value>(_ key: String, _ wanted: String, _ read: (JSONSlice) -> Value?) throws(Failure) -> Value?
    {
        guard let value = values[key] else { return nil }
        guard let typed = read(value) else { throw wrong(key, wanted) }
        return typed
    }
}
