/// What to do after an attempt has failed, as long as the client has not seen a byte.
package enum Verdict: Sendable, Hashable {
    /// The same channel and key may work, after so many milliseconds where the provider named them.
    case retrySameKey(after: Int?)
    /// Another key of the same channel may work; this one will not now.
    case retryOtherKey
    /// Another channel may work; no key of this one will now.
    case retryOtherChannel
    /// Nobody else would answer differently, or asking again could be paid twice.
    case stop
}

/// What a failure says of the channel for the requests that come after.
package enum HealthEffect: Sendable, Hashable {
    case none
    /// The key is revoked or wrong: dead until someone changes it.
    case keyDead
    /// The account behind the key is empty: dead until topped up; try rarely.
    case keyOutOfQuota
    /// The key has sent too much; it works again after so many milliseconds.
    case keyCooling(milliseconds: Int?)
    /// The service is down, overloaded or unreachable for everyone.
    case channelCooling(milliseconds: Int?)
    /// The channel does not (any more) serve this model.
    case modelGone
}
