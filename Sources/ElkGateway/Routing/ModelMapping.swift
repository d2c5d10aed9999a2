/// A channel's renaming of models, followed to its end: `a` to `b` and `b` to `c` sends `a` up as `c`.
enum ModelMapping {
    /// The last name of the chain; nil where it runs in a circle, which no request can be sent along.
    ///
    /// A name that maps to itself ends its chain.
    static func resolve(_ model: String, _ mapping: [String: String]) -> String? {
        guard !mapping.isEmpty, var name = mapping[model], name != model else { return model }
        for _ in 0..<mapping.count {
            guard let next = mapping[name], next != name else { return name }
            name = next
        }
        return nil
    }
}
