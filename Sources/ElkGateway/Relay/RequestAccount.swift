package import ElkProviders
package import ElkWire

/// The account of one admitted request: closes its hold, and says so once to whoever watches.
struct RequestAccount: Sendable {
    let call: Call
    let hold: Hold
    let attempts: [AttemptRecord]
    let channelID: String?
    let upstreamModel: String?
    /// Milliseconds from admission to the first byte for the client; nil when none came.
    let firstByte: Int64?
    let time: TimeSource
    let observer: Gateway.Observer?
    /// Status of an answer that has begun.
    var headStatus = 200

    func covers(deliveredOutput bytes: Int) -> Bool { hold.covers(deliveredOutput: bytes) }

    /// Nil when the account was closed before.
    @discardableResult
    func settle(
        _ outcome: Outcome,
        usage: Usage?,
        metered: Metered? = nil,
        deliveredOutput: Int = 0,
        failure: Failure? = nil
    ) -> Hold.Receipt? {
        var status = failure?.status ?? headStatus
        if case .clientAbort = outcome, firstByte == nil { status = 499 }
        // The head of an answer that was cut later said that all was well.
        if firstByte != nil { status = headStatus }
        let ending = Ending(
            outcome,
            reported: usage,
            metered: metered,
            deliveredOutput: deliveredOutput,
            status: status,
            failureCode: failure.map { $0.code ?? $0.kind.rawValue },
            channelID: channelID,
            upstreamModel: upstreamModel,
            attempts: attempts,
            firstByteMilliseconds: firstByte
        )
        guard let receipt = hold.settle(ending) else { return nil }
        observer?(
            RelayRecord(
                call: call,
                terms: hold.terms,
                ending: ending,
                receipt: receipt,
                milliseconds: time.now - hold.terms.started,
                failure: failure
            )
        )
        return receipt
    }
}

/// What became of one admitted request, for the log and the metrics.
///
/// Holds no content.
package struct RelayRecord: Sendable {
    package var call: Call
    package var terms: Hold.Terms
    package var ending: Ending
    package var receipt: Hold.Receipt
    /// From admission to the end.
    package var milliseconds: Int64
    package var failure: Failure?
}
