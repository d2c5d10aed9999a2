import ElkStorage
import ElkTestSupport
import Testing

struct IDGeneratorTests {
    @Test func `ids increase, also within a millisecond and when the clock goes back`() {
        let ids = IDGenerator()
        var last = ""
        for time in [5, 5, 5, 6, 4, 4, 7, 1_700_000_000_000, 1_700_000_000_000, -3, .max] as [Int64] {
            let id = ids.next(at: time)
            #expect(id > last)
            #expect(id.utf8.count == 26)
            last = id
        }
    }

    @Test func `ids of one seed and one time are the same`() {
        let one = IDGenerator(random: SeededRandom(seed: 9))
        let other = IDGenerator(random: SeededRandom(seed: 9))
        #expect(one.next(at: 1) == other.next(at: 1))
        #expect(one.next(at: 2) == other.next(at: 2))
    }

    @Test func `ids of different generators sort by their times`() {
        let one = IDGenerator()
        let other = IDGenerator()
        #expect(one.next(at: 1_700_000_000_000) < other.next(at: 1_700_000_000_001))
        #expect(other.next(at: 1_700_000_000_002) < one.next(at: 1_700_000_000_003))
    }
}
