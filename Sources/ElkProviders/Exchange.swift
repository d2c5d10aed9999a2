import ElkWire

/// One translated request, and how to read the answer to it.
///
/// Made for one attempt by `Provider.exchange`; a retry makes another. A value without side effects.
package struct Exchange: Sendable {
    package let request: UpstreamRequest
    /// Members of the client's request that the upstream's format cannot carry, for `x-elk-dropped`.
    package let dropped: [String]
    let plan: ReplyPlan

    /// A fresh machine for the answer with this head.
    ///
    /// Only for a status below 300; give others to `Provider.failures.read`.
    package func reply(status: Int, headers: [(name: String, value: String)]) -> ReplyTranslator {
        ReplyTranslator(plan, status: status, headers: headers)
    }
}
