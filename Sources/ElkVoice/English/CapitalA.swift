/// Whether a capital A that stands alone is the letter or the article.
enum CapitalA {
    /// - Parameters:
    ///   - previous: the piece before it, if no mark stands between.
    ///   - next: the piece behind it, if no mark stands between.
    static func isLetter(after previous: Substring?, before next: Substring?) -> Bool {
        guard let previous else {
            // "A is a letter" begins like "A dog is an animal".
            return next.map { ["and", "or", "is", "vs"].contains($0) } ?? true
        }
        if named.contains(previous.lowercased()) { return true }
        // In a title each word has a capital: "Once Upon A Time".
        return next?.first?.isUppercase != true
    }

    private static let named: Set<String> = [
        "vitamin", "option", "plan", "grade", "class", "type", "group", "team", "section", "hepatitis", "an", "side",
        "part", "point", "letter", "level", "series", "exhibit", "appendix", "answer", "influenza", "category",
    ]
}
