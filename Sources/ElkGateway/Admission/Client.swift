/// Who asks, as the edge saw it.
package struct Client: Sendable {
    /// The credential in clear, its scheme removed; nil when none was sent.
    ///
    /// The edge has refused a request with two different ones.
    package var credential: String?
    /// The address of the peer, or of the client that a trusted proxy names, as text.
    package var address: String

    package init(credential: String? = nil, address: String) {
        self.credential = credential
        self.address = address
    }
}
