import Foundation
import Testing

@testable import ElkSpeech

struct WindowLayoutTests {
    @Test func `a full window computes every position`() {
        let layout = WindowLayout(dense: 1500, of: 1500)
        #expect(layout.positions == Array(0..<1500))
        #expect(layout.logCounts.isEmpty)
        #expect(WindowLayout(dense: 1600, of: 1500) == layout)
    }

    @Test(arguments: [0, 1, 650, 1491, 1492, 1499])
    func `all positions are accounted for, in order`(dense: Int) {
        let layout = WindowLayout(dense: dense, of: 1500)
        #expect(Array(layout.positions.prefix(dense)) == Array(0..<dense))
        #expect(layout.rows == dense + (1500 - dense + 7) / 8)
        #expect(zip(layout.positions, layout.positions.dropFirst()).allSatisfy { $0 < $1 })
        #expect(layout.positions.allSatisfy { 0..<1500 ~= $0 })
        #expect(layout.logCounts.count == layout.rows)
        #expect(layout.logCounts.prefix(dense).allSatisfy { $0 == 0 })
        #expect(abs(layout.logCounts.reduce(0) { $0 + exp($1) } - 1500) < 0.01)
    }
}
