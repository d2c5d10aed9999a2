/// The text of a transcript in pieces, as it grows: joined they are `Transcript.text`.
///
/// White space at the end of a piece waits for the next one, since it may turn out to be the end of the text.
public struct TextPieces: Sendable {
    private var held = ""
    private var hasBegun = false

    public init() {}

    /// What the text grows by when `text` is put behind it.
    public mutating func add(_ text: String) -> String {
        let whole = (held + text).unicodeScalars
        let last = whole.lastIndex { !$0.properties.isWhitespace }
        guard let last else {
            if hasBegun { held = String(whole) }
            return ""
        }
        let end = whole.index(after: last)
        held = String(whole[end...])
        let piece = hasBegun ? whole[..<end] : whole[..<end].drop { $0.properties.isWhitespace }
        hasBegun = true
        return String(piece)
    }
}
