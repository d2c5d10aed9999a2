import ElkStorage
import ElkWire
import NIOCore

/// An ended request in the settlement's queue.
///
/// Made on the request's path, so nothing is formatted yet.
struct SettledCall: Sendable {
    var terms: Hold.Terms
    var ending: Ending
    var charge: Charge
    var held: Money
    var ended: Int64
    /// The lease that pays; nil: the balance itself.
    var lease: String?
    var isPrepaid: Bool
    var wallet: Wallet?
    var budget: KeyBudget?

    /// As the database takes it.
    func record() -> SettledRequest {
        var row = UsageRow(
            id: terms.requestID.description,
            userID: terms.userID,
            keyID: terms.keyID,
            channelID: ending.channelID,
            model: terms.model,
            upstreamModel: ending.upstreamModel,
            endpoint: terms.endpoint.rawValue,
            outcome: ending.outcome.name,
            status: ending.status,
            started: terms.started,
            duration: max(0, ended - terms.started)
        )
        row.isStream = terms.streams
        row.counts = UsageCounts(charge.usage)
        row.source = charge.basis.rawValue
        row.cost = charge.cost
        row.group = terms.group
        row.attempts = String(buffer: JSONWriter.text { $0.write(ending.attempts) })
        row.explanation = String(buffer: JSONWriter.text { explain(into: &$0) })
        row.firstByte = ending.firstByteMilliseconds
        row.address = terms.address
        return SettledRequest(usage: row, payer: isPrepaid ? .wallet(lease: lease) : .tab)
    }

    /// How the cost came about, in numbers: basis, factor, the rates that are not zero, what was held.
    private func explain(into writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("basis", charge.basis.rawValue)
            if let code = ending.failureCode { writer.member("failure", code) }
            if case .incomplete(let reason) = ending.outcome { writer.member("reason", reason) }
            writer.member("held", Int(held.nanoDollars))
            writer.member("factor_ppm", terms.factor)
            if let rates = terms.rates {
                writer.object("rates") { writer in
                    for (name, rate) in rates.named where rate != 0 { writer.member(name, Int(rate)) }
                }
            }
        }
    }
}

extension JSONWriter {
    fileprivate mutating func write(_ attempts: [AttemptRecord]) {
        array { writer in
            for attempt in attempts {
                writer.object { writer in
                    writer.member("channel", attempt.channelID)
                    writer.member("key", attempt.keyIndex)
                    writer.member("status", attempt.status)
                    if let code = attempt.failureCode { writer.member("failure", code) }
                    writer.member("ms", Int(attempt.milliseconds))
                    if let usage = attempt.usage {
                        writer.member("input_tokens", usage.totalInput)
                        writer.member("output_tokens", usage.outputTokens)
                    }
                }
            }
        }
    }
}

extension UsageCounts {
    init(_ usage: Usage) {
        self.init()
        inputTokens = usage.inputTokens
        cacheReadTokens = usage.cacheReadTokens
        cacheWriteTokens = usage.cacheWriteTokens
        cacheWriteLongTokens = usage.cacheWriteLongTokens
        audioInputTokens = usage.audioInputTokens
        imageInputTokens = usage.imageInputTokens
        outputTokens = usage.outputTokens
        reasoningTokens = usage.reasoningTokens
        audioOutputTokens = usage.audioOutputTokens
        imageOutputTokens = usage.imageOutputTokens
        audioMilliseconds = usage.audioMilliseconds
        characters = usage.characters
        images = usage.images
        requests = usage.requests
        searches = usage.searches
    }
}
