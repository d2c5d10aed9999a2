package import ElkStorage

/// Who asks, as the edge saw it.
package struct Client: Sendable {
    /// For whom the holder of an ephemeral key acts.
    package enum Minter: Sendable, Hashable {
        case key(KeyDigest)
        /// The server asked for no key then, and has to do so still.
        case nobody
    }

    /// The credential in clear, its scheme removed; nil when none was sent.
    ///
    /// The edge has refused a request with two different ones.
    package var credential: String?
    /// Set for the holder of an ephemeral key, and looked at instead of the credential.
    package var minter: Minter?
    /// The address of the peer, or of the client that a trusted proxy names, as text.
    package var address: String

    package init(credential: String? = nil, minter: Minter? = nil, address: String) {
        self.credential = credential
        self.minter = minter
        self.address = address
    }
}
