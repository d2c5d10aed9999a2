/// Decides what of a turn's drafts can be told while it is still spoken.
///
/// The policy LocalAgreement-2 (Liu et al. 2020, "Low-Latency Sequence-to-Sequence Speech Recognition"): whole words at the start that
/// two drafts in a row have in common. What was told is never taken back; a draft that contradicts it adds nothing.
struct CaptionAgreement {
    private(set) var told = ""
    private var lastDraft: String?
    private var final = ""

    /// Takes the text of what has been heard so far.
    ///
    /// - Returns: what can be told now.
    mutating func take(draft: String) -> String {
        defer { lastDraft = draft }
        guard let lastDraft else { return "" }
        let agreed = Self.wholeWords(of: draft, in: lastDraft)
        guard agreed.count > told.count, agreed.hasPrefix(told) else { return "" }
        let new = agreed.dropFirst(told.count)
        told = agreed
        return String(new)
    }

    /// Takes a piece of the text of the whole turn.
    ///
    /// - Returns: what of it has not been told; nothing where it contradicts that.
    mutating func take(final piece: String) -> String {
        let before = final.count
        final += piece
        guard final.hasPrefix(told) else { return "" }
        return String(final.dropFirst(max(before, told.count)))
    }

    /// The common start of two texts up to the end of a word that both go on after.
    private static func wholeWords(of text: String, in other: String) -> String {
        var end = text.startIndex
        var (here, there) = (text.startIndex, other.startIndex)
        while here < text.endIndex, there < other.endIndex {
            let isBetween = here > text.startIndex && text[text.index(before: here)].needsNoSpaces
            if isBetween || (text[here].isWhitespace && other[there].isWhitespace) { end = here }
            guard text[here] == other[there] else { break }
            (here, there) = (text.index(after: here), other.index(after: there))
        }
        return String(text[..<end])
    }
}

extension Character {
    /// Whether it is of a script that puts no spaces between words.
    fileprivate var needsNoSpaces: Bool {
        switch unicodeScalars.first?.value ?? 0 {
        case 0x0E00...0x0EFF, 0x1780...0x17FF, 0x3040...0x30FF, 0x3400...0x9FFF, 0x20000...0x3FFFF: true
        default: false
        }
    }
}
