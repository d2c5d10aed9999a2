/// Model names, some of them prefixes that end in `*`.
package struct ModelPatterns: Sendable, Hashable {
    private let exact: Set<String>
    private let prefixes: [String]

    package init(_ patterns: [String]) {
        exact = Set(patterns.filter { $0.utf8.last != UInt8(ascii: "*") })
        prefixes = patterns.filter { $0.utf8.last == UInt8(ascii: "*") }.map { String($0.dropLast()) }
    }

    package var isEmpty: Bool { exact.isEmpty && prefixes.isEmpty }
    package var hasPrefixes: Bool { !prefixes.isEmpty }
    /// The names among them, without the patterns.
    package var names: Set<String> { exact }

    package func contains(_ model: String) -> Bool {
        exact.contains(model) || prefixes.contains { model.utf8.starts(with: $0.utf8) }
    }
}
