/// What a model costs at the factor 1.
///
/// A rate that is nil is not set; what stands in for it is the gateway's rule.
package struct Price: Sendable, Hashable {
    /// The model's name, or a pattern with `*`.
    ///
    /// The key of the record.
    package var model: String

    // For a million tokens.
    package var input: Money?
    package var cacheRead: Money?
    package var cacheWrite: Money?
    package var cacheWriteLong: Money?
    package var audioInput: Money?
    package var imageInput: Money?
    package var output: Money?
    package var reasoning: Money?
    package var audioOutput: Money?
    package var imageOutput: Money?

    /// For a million characters.
    package var characters: Money?
    package var audioSecond: Money?
    package var image: Money?
    package var search: Money?
    package var request: Money?
    package var created: Int64

    package init(model: String, input: Money? = nil, output: Money? = nil, created: Int64) {
        self.model = model
        self.input = input
        self.output = output
        self.created = created
    }
}
