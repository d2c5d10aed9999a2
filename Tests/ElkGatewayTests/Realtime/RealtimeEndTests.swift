import ElkWire
import Testing

@testable import ElkGateway

@Suite struct RealtimeEndTests {
    static let table: [(end: RealtimeEnd, event: String?, client: UInt16, provider: UInt16, outcome: String)] = [
        (.client(.closed(WebSocketClosing(.normalClosure))), nil, 1000, 1000, "completed"),
        (.client(.closed(WebSocketClosing(WebSocketCode(rawValue: 4001), "x"))), nil, 1000, 4001, "completed"),
        (.client(.closed(nil)), nil, 1000, 1000, "completed"),
        (.client(.cut), nil, 1000, 1001, "client_abort"),
        (.client(.refused(.brokenFrame)), nil, 1000, 1001, "client_abort"),
        (.clientSilent, nil, 1008, 1001, "client_abort"),
        (.provider(.closed(WebSocketClosing(.normalClosure))), nil, 1000, 1001, "completed"),
        (.provider(.closed(nil)), nil, 1000, 1001, "completed"),
        (.provider(.closed(WebSocketClosing(.serverFault, "x"))), nil, 1011, 1001, "upstream_failure"),
        (.provider(.cut), "upstream_cut", 1011, 1001, "upstream_failure"),
        (.provider(.refused(.brokenFrame)), "upstream_cut", 1011, 1001, "upstream_failure"),
        (.providerSilent, "upstream_cut", 1011, 1001, "upstream_failure"),
        (.expired, "session_expired", 1001, 1000, "incomplete"),
        (.exhausted, "balance_exhausted", 1008, 1000, "limit_cut"),
        (.shutdown, "shutting_down", 1001, 1001, "gateway_failure"),
    ]

    @Test(arguments: table.indices) func `each end has words for both sides and a place in the books`(index: Int) {
        let row = Self.table[index]
        #expect(row.end.event?.code == row.event)
        #expect(row.end.toClient.code.rawValue == row.client)
        #expect(row.end.toProvider.code.rawValue == row.provider)
        #expect(row.end.outcome.name == row.outcome)
        #expect(row.end.toClient.code.isSent && row.end.toProvider.code.isSent)
    }
}
