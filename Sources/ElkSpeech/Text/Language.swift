/// A language of Whisper: its code and its English name in lower case.
public struct Language: Sendable, Hashable {
    public let code: String
    public let name: String
}
