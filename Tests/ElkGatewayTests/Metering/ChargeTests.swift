import ElkGateway
import ElkStorage
import ElkWire
import Testing

/// The charge policy of docs/money.md, line by line.
///
/// Input costs 1 nano-dollar a token, output 10.
@Suite struct ChargeTests {
    private let reported = Usage(inputTokens: 100, outputTokens: 50)
    private let counted = Usage(inputTokens: 110, outputTokens: 20, source: .counted)

    private func price(_ usage: Usage) -> Money? {
        Money(nanoDollars: Int64(usage.totalInput + 10 * usage.outputTokens))
    }

    private func charge(
        _ outcome: Outcome,
        reported: Usage? = nil,
        counted: Usage? = nil,
        hasOutput: Bool = true,
        held: Int64 = 10_000,
        policy: Charge.Policy = Charge.Policy()
    ) -> (cost: Int64, basis: Charge.Basis) {
        let charge = Charge.of(
            outcome,
            reported: reported,
            counted: counted ?? self.counted,
            hasOutput: hasOutput,
            held: Money(nanoDollars: held),
            policy: policy,
            price: price
        )
        return (charge.cost.nanoDollars, charge.basis)
    }

    @Test func `completed or incomplete with reported usage costs what was reported`() {
        #expect(charge(.completed, reported: reported) == (600, .reported))
        #expect(charge(.incomplete(reason: "length"), reported: reported) == (600, .reported))
        #expect(charge(.completed, reported: reported, held: 10) == (600, .reported))
    }

    @Test func `completed without usage costs what was counted`() {
        #expect(charge(.completed) == (310, .counted))
        #expect(charge(.incomplete(reason: "filter")) == (310, .counted))
    }

    @Test func `client gone and upstream read to its end costs what was reported`() {
        #expect(charge(.clientAbort(drained: true), reported: reported) == (600, .reported))
        #expect(charge(.clientAbort(drained: true)) == (310, .counted))
    }

    @Test func `client gone and upstream cancelled costs the input and what was delivered, at most the hold`() {
        #expect(charge(.clientAbort(drained: false)) == (310, .counted))
        #expect(charge(.clientAbort(drained: false), held: 200) == (200, .counted))
        #expect(
            charge(.clientAbort(drained: false), counted: Usage(inputTokens: 110), hasOutput: false) == (110, .counted)
        )
        // Anthropic's first event tells the input and one token of output.
        let first = Usage(inputTokens: 90, cacheReadTokens: 10, outputTokens: 1)
        #expect(charge(.clientAbort(drained: false), reported: first) == (300, .counted))
    }

    @Test func `upstream failed without output costs nothing`() {
        #expect(charge(.upstreamFailure, hasOutput: false) == (0, .none))
        #expect(charge(.upstreamFailure, reported: reported, hasOutput: false) == (0, .none))
        var counting = Charge.Policy()
        counting.countsFailures = true
        #expect(charge(.upstreamFailure, hasOutput: false, policy: counting) == (0, .none))
    }

    @Test func `upstream failed in the middle with usage costs the report, capped by what was delivered`() {
        #expect(charge(.upstreamFailure, reported: reported) == (300, .reported))
        var trusting = Charge.Policy()
        trusting.capsFailuresByDelivery = false
        #expect(charge(.upstreamFailure, reported: reported, policy: trusting) == (600, .reported))
    }

    @Test func `upstream failed in the middle without usage costs nothing unless the operator counts`() {
        #expect(charge(.upstreamFailure) == (0, .none))
        var counting = Charge.Policy()
        counting.countsFailures = true
        #expect(charge(.upstreamFailure, policy: counting) == (310, .counted))
        #expect(charge(.upstreamFailure, held: 50, policy: counting) == (50, .counted))
    }

    @Test func `our own failure costs nothing`() {
        #expect(charge(.gatewayFailure, reported: reported) == (0, .none))
    }

    @Test func `a stream cut for lack of money costs what was counted up to the cut`() {
        #expect(charge(.limitCut) == (310, .counted))
        #expect(charge(.limitCut, held: 300) == (300, .counted))
    }

    @Test func `what was refused and what is given again costs nothing`() {
        #expect(charge(.refused) == (0, .none))
        #expect(charge(.replayed, reported: reported) == (0, .none))
    }

    @Test func `a usage that money cannot hold costs what was held`() {
        let charge = Charge.of(
            .completed,
            reported: reported,
            counted: counted,
            hasOutput: true,
            held: Money(nanoDollars: 77),
            price: { _ in nil }
        )
        #expect(charge.cost.nanoDollars == 77)
    }
}
