import ElkWire

/// A value of a client's event, with the name that refusals call it by.
struct RealtimeWish {
    let value: JSONSlice
    let path: String

    init(_ value: JSONSlice, path: String) {
        (self.value, self.path) = (value, path)
    }

    /// The member called `name`, where there is one.
    subscript(_ name: String) -> RealtimeWish? {
        value[name].map { RealtimeWish($0, path: "\(path).\(name)") }
    }

    func unlessNull() throws(Failure) -> RealtimeWish? { value.isNull ? nil : self }

    func object() throws(Failure) -> RealtimeWish {
        guard value.kind == .object else { throw wrongKind("an object") }
        return self
    }

    func elements() throws(Failure) -> [RealtimeWish] {
        guard value.kind == .array else { throw wrongKind("an array") }
        return value.elements.enumerated().map { RealtimeWish($1, path: "\(path)[\($0)]") }
    }

    func string() throws(Failure) -> String {
        guard let text = value.string else { throw wrongKind("a string") }
        return text
    }

    func option(of options: [String]) throws(Failure) -> String {
        let text = try string()
        guard options.contains(text) else { throw notAnOption(text, of: options) }
        return text
    }

    func option<Option: RawRepresentable<String> & CaseIterable>() throws(Failure) -> Option {
        let text = try string()
        guard let option = Option(rawValue: text) else {
            throw notAnOption(text, of: Option.allCases.map(\.rawValue))
        }
        return option
    }

    func number(in range: ClosedRange<Double>) throws(Failure) -> Double {
        guard let number = value.double else { throw wrongKind("a number") }
        guard range.contains(number) else {
            throw .invalidRequest(
                "'\(path)' must lie between \(range.lowerBound) and \(range.upperBound).",
                parameter: path,
                code: "invalid_value"
            )
        }
        return number
    }

    func milliseconds() throws(Failure) -> Int {
        guard let number = value.int else { throw wrongKind("a whole number") }
        guard number >= 0 else {
            throw .invalidRequest("'\(path)' must not be negative.", parameter: path, code: "invalid_value")
        }
        return number
    }

    private func notAnOption(_ text: String, of options: [String]) -> Failure {
        let list = options.map { "'\($0)'" }.joined(separator: ", ")
        return .invalidRequest(
            "Invalid value: '\(text.prefix(100))'. Supported values are: \(list).",
            parameter: path,
            code: "invalid_value"
        )
    }

    private func wrongKind(_ wanted: String) -> Failure {
        .invalidRequest("Invalid type for '\(path)': expected \(wanted).", parameter: path, code: "invalid_type")
    }
}
