/// The prices of all models, by pattern: an exact name first, then the longest prefix that ends in `*`.
package struct PriceList: Sendable {
    private var exact: [String: Rates] = [:]
    /// Prefixes without their `*`, by length in bytes, longest first.
    private var prefixes: [(length: Int, rates: [String: Rates])] = []

    package init(_ prices: some Sequence<(pattern: String, rates: Rates)> = EmptyCollection()) {
        var byLength: [Int: [String: Rates]] = [:]
        for price in prices {
            if price.pattern.utf8.last == UInt8(ascii: "*") {
                let prefix = String(price.pattern.dropLast())
                byLength[prefix.utf8.count, default: [:]][prefix] = price.rates
            } else {
                exact[price.pattern] = price.rates
            }
        }
        prefixes = byLength.map { (length: $0.key, rates: $0.value) }.sorted { $0.length > $1.length }
    }

    package var isEmpty: Bool { exact.isEmpty && prefixes.isEmpty }

    /// What a model costs; nil for one that no pattern names.
    package func rates(for model: String) -> Rates? {
        if let rates = exact[model] { return rates }
        let bytes = model.utf8
        for entry in prefixes where entry.length <= bytes.count {
            // A prefix that ends inside a character cannot be one of the patterns, which are whole text.
            guard let end = bytes.index(bytes.startIndex, offsetBy: entry.length).samePosition(in: model) else {
                continue
            }
            if let rates = entry.rates[String(model[..<end])] { return rates }
        }
        return nil
    }
}
