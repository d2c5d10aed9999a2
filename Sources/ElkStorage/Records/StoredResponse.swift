/// An answer of the Responses API that clients can ask for again.
package struct StoredResponse: Sendable, Hashable {
    package var id: String
    /// The user's id.
    ///
    /// All look-ups are by owner and id.
    package var owner: String
    package var channelID: String?
    /// What the upstream calls it, where it keeps it, too.
    package var upstreamID: String?
    /// queued, in_progress, completed, ...
    package var status: String
    /// The response object, JSON.
    package var body: [UInt8]
    /// The items of its input, a JSON array.
    package var inputItems: [UInt8]
    package var created: Int64
    package var expires: Int64

    package init(
        id: String,
        owner: String,
        channelID: String? = nil,
        upstreamID: String? = nil,
        status: String,
        body: [UInt8],
        inputItems: [UInt8],
        created: Int64,
        expires: Int64
    ) {
        self.id = id
        self.owner = owner
        self.channelID = channelID
        self.upstreamID = upstreamID
        self.status = status
        self.body = body
        self.inputItems = inputItems
        self.created = created
        self.expires = expires
    }
}
