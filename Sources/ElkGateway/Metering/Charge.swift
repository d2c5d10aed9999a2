package import ElkStorage
package import ElkWire

/// What a request costs, by how it ended: the table of docs/money.md as one pure function.
package struct Charge: Sendable, Hashable {
    /// What the operator may choose.
    package struct Policy: Sendable, Hashable {
        /// The upstream failed in the middle and reported usage: pay at most for the output that was delivered.
        package var capsFailuresByDelivery = true
        /// The upstream failed in the middle and reported nothing: pay for what was counted.
        ///
        /// Off: nothing.
        package var countsFailures = false

        package init() {}
    }

    /// What the usage of the row and its price rest on.
    package enum Basis: String, Sendable, Hashable {
        /// The upstream's own numbers.
        case reported
        /// Ours, from the request and the output that went out.
        case counted
        /// Nothing is charged.
        case none
    }

    package var cost: Money
    package var usage: Usage
    package var basis: Basis

    /// - Parameters:
    ///   - reported: The upstream's usage, if any came.
    ///   - counted: The request's input and the delivered output, counted by us.
    ///   - hasOutput: Whether any output reached the client.
    ///   - held: What was reserved. Endings that rest on a count are never charged more.
    ///   - price: Money for a usage; nil where it is more than money can hold, which is charged as all that was held.
    package static func of(
        _ outcome: Outcome,
        reported: Usage?,
        counted: Usage,
        hasOutput: Bool,
        held: Money,
        policy: Policy = Policy(),
        price: (Usage) -> Money?
    ) -> Charge {
        func charge(_ usage: Usage, _ basis: Basis, atMostHeld: Bool) -> Charge {
            let cost = price(usage) ?? held
            return Charge(cost: atMostHeld ? min(cost, held) : cost, usage: usage, basis: basis)
        }
        let nothing = Charge(cost: .zero, usage: reported ?? Usage(), basis: .none)

        switch outcome {
        case .completed, .incomplete:
            if let reported { return charge(reported, .reported, atMostHeld: false) }
            return charge(counted, .counted, atMostHeld: true)
        case .clientAbort(drained: true):
            if let reported { return charge(reported, .reported, atMostHeld: false) }
            return charge(counted, .counted, atMostHeld: true)
        case .clientAbort(drained: false):
            // What an upstream reports before it is cancelled (Anthropic's first event) covers the input only: the output so far
            // is what reached the client.
            return charge(merging(reported, with: counted), .counted, atMostHeld: true)
        case .upstreamFailure:
            guard hasOutput else { return nothing }
            if var reported {
                if policy.capsFailuresByDelivery { reported.capOutput(at: counted.outputTokens) }
                return charge(reported, .reported, atMostHeld: true)
            }
            return policy.countsFailures ? charge(counted, .counted, atMostHeld: true) : nothing
        case .limitCut:
            return charge(merging(reported, with: counted), .counted, atMostHeld: true)
        case .gatewayFailure, .replayed, .refused:
            return nothing
        }
    }

    /// The input as reported where it was, and the output as counted.
    private static func merging(_ reported: Usage?, with counted: Usage) -> Usage {
        guard let reported, reported.totalInput > 0 else { return counted }
        var usage = reported
        usage.outputTokens = counted.outputTokens
        usage.capOutput(at: counted.outputTokens)
        usage.source = .counted
        return usage
    }
}

extension Charge {
    /// What was metered part by part.
    init(_ metered: Metered) {
        let basis = metered.usage.source == .reported ? Basis.reported : .counted
        self.init(cost: metered.cost, usage: metered.usage, basis: basis)
    }
}

extension Usage {
    /// Cuts the output, and its parts with it, to no more than `tokens`.
    fileprivate mutating func capOutput(at tokens: Int) {
        outputTokens = min(outputTokens, tokens)
        reasoningTokens = min(reasoningTokens, outputTokens)
        audioOutputTokens = min(audioOutputTokens, outputTokens)
        imageOutputTokens = min(imageOutputTokens, outputTokens)
    }
}
