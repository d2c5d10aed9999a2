import Foundation
import Testing

/// `ELK_CHAOS_STEPS` and `ELK_CHAOS_SEED` choose another run; `scripts/chaos` makes a million steps of each kind.
@Suite struct ChaosTests {
    private func number(_ name: String) -> UInt64? { ProcessInfo.processInfo.environment[name].flatMap { UInt64($0) } }

    private func run(isHarsh: Bool, faults: (before: Int, after: Int)) async {
        let seed = number("ELK_CHAOS_SEED") ?? UInt64.random(in: 0 ... .max)
        let steps = number("ELK_CHAOS_STEPS").map { Int($0) } ?? 20_000
        let chaos = Chaos(.init(seed: seed, steps: steps, isHarsh: isHarsh, faults: faults))
        await chaos.run()
        let counts = chaos.counts.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
        print("chaos: seed \(seed), \(steps) steps, harsh \(isHarsh): \(counts)")
        #expect(chaos.faults.prefix(5).isEmpty, "seed \(seed)")
        #expect(chaos.counts["held", default: 0] > steps / 20)
    }

    @Test func `requests that stay within their holds are paid exactly, whatever the database answers`() async {
        await run(isHarsh: false, faults: (before: 30, after: 0))
    }

    @Test func `lost answers, crashes, stalls and overruns break no rule of the books`() async {
        await run(isHarsh: true, faults: (before: 20, after: 20))
    }
}
