extension Failure {
    /// An upstream's error text without what must not reach a client.
    package static func masked(_ text: String) -> String {
        text
    }
}
