/// A credential that opens realtime sessions for a short while, on behalf of another.
///
/// The text itself is not stored, only its digest.
package struct EphemeralKey: Sendable, Hashable {
    package var digest: KeyDigest
    /// Digest of the key that it was made with; nil where no key was needed.
    package var minter: KeyDigest?
    /// The event that its sessions begin with, JSON; stored sealed, since it may hold credentials of tools.
    package var opening: String?
    /// Milliseconds since 1970.
    package var expires: Int64

    package init(digest: KeyDigest, minter: KeyDigest?, opening: String?, expires: Int64) {
        self.digest = digest
        self.minter = minter
        self.opening = opening
        self.expires = expires
    }
}
