/// Names with capitals inside them.
enum CamelCase {
    /// `Open` and `AI` of `OpenAI`, `i` and `OS` of `iOS`, `JSON` and `Parser` of `JSONParser`.
    static func parts(_ text: String) -> [String] {
        guard !whole.contains(text), !isFamilyName(text) else { return [text] }
        let letters = Array(text)
        var parts: [String] = []
        for (index, letter) in letters.enumerated() {
            if index > 0, !isCut(letters, before: index) {
                parts[parts.count - 1].append(letter)
            } else {
                parts.append(String(letter))
            }
        }
        return parts
    }

    private static func isCut(_ letters: [Character], before index: Int) -> Bool {
        let (last, letter, rest) = (letters[index - 1], letters[index], letters[(index + 1)...])
        if last.isLowercase { return letter.isUppercase }
        guard last.isUppercase else { return false }
        // `IPv6` has its cut before the v; `LLMs` has none.
        if letter.isLowercase { return index > 1 && letters[index - 2].isUppercase && rest.isEmpty && letter != "s" }
        return letter.isUppercase && rest.count > 1 && rest.prefix(2).allSatisfy(\.isLowercase)
    }

    private static func isFamilyName(_ text: String) -> Bool {
        names.contains { text.hasPrefix($0) && text.dropFirst($0.count).first?.isUppercase == true }
    }

    private static let names = ["Mc", "Mac", "De", "Di", "Du", "La", "Le", "Fitz", "Van", "Von"]
    /// In the dictionary as they are.
    private static let whole: Set<String> = ["WiFi", "YouTube", "iPhone", "PhD", "MacBook"]
}
