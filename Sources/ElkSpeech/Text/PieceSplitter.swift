/// Cuts a text into the pieces that byte pairs are merged within, by the rule of GPT-2.
///
/// In order: an English contraction; letters, numbers or other signs, each with at most one space in front; white space up
/// to the one character that stands before a word; white space.
struct PieceSplitter: Sequence, IteratorProtocol {
    private var rest: Substring.UnicodeScalarView

    init(_ text: String) {
        rest = text[...].unicodeScalars
    }

    mutating func next() -> Substring? {
        guard let first = rest.first else { return nil }
        let end = contractionEnd(first) ?? wordEnd(first) ?? spaceEnd()
        defer { rest = rest[end...] }
        return Substring(rest[..<end])
    }

    private func contractionEnd(_ first: Unicode.Scalar) -> Substring.Index? {
        guard first == "'" else { return nil }
        let after = rest.dropFirst()
        for ending in ["s", "t", "re", "ve", "m", "ll", "d"] where after.starts(with: ending.unicodeScalars) {
            return after.index(after.startIndex, offsetBy: ending.unicodeScalars.count)
        }
        return nil
    }

    private func wordEnd(_ first: Unicode.Scalar) -> Substring.Index? {
        let word = first == " " ? rest.dropFirst() : rest
        guard let kind = word.first.map(Kind.init), kind != .space else { return nil }
        return word.firstIndex { Kind($0) != kind } ?? word.endIndex
    }

    private func spaceEnd() -> Substring.Index {
        guard let end = rest.firstIndex(where: { Kind($0) != .space }) else { return rest.endIndex }
        let last = rest.index(before: end)
        return last == rest.startIndex ? end : last
    }
}

private enum Kind {
    case space, letter, number, other

    init(_ scalar: Unicode.Scalar) {
        let properties = scalar.properties
        if properties.isWhitespace {
            self = .space
            return
        }
        switch properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: self = .letter
        case .decimalNumber, .letterNumber, .otherNumber: self = .number
        default: self = .other
        }
    }
}
