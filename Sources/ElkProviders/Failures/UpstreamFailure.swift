package import ElkWire

/// Why an attempt at a provider failed, what to do about it, and what the client may hear of it.
package struct UpstreamFailure: Error, Sendable, Hashable {
    package enum Reason: String, Sendable, Hashable, CaseIterable {
        case badRequest, contextTooLong, contentRefused, tooLarge, modelMissing, modelForbidden, keyInvalid
        case accountBlocked, forbidden, regionBlocked, quotaExhausted, rateLimited, overloaded, serverFault, timedOut
        case badAnswer, wrongAddress, unreachable, cut, blockedAddress
    }

    package enum Fault: String, Sendable, Hashable, CaseIterable {
        /// The request itself is wrong.
        case client
        /// Elk's operator: a key, an account, an address, a model list.
        case channel
        /// The provider, or the network on the way.
        case provider
    }

    package var reason: Reason
    package var fault: Fault
    package var verdict: Verdict
    package var health: HealthEffect
    /// For the client: masked, with a status that tells it what it can do.
    ///
    /// Never says that a key of ours is bad.
    package var failure: Failure
    /// The status that the provider sent; nil for failures of the network.
    package var upstreamStatus: Int?
}
