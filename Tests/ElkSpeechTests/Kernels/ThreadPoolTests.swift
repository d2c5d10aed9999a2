import Synchronization
import Testing

@testable import ElkSpeech

struct ThreadPoolTests {
    @Test func `every chunk runs once, operation after operation`() throws {
        let pool = try ThreadPool(threads: 4)
        for round in 0..<2000 {
            let chunks = round % 37
            let counts = (0..<37).map { _ in Counter() }
            pool.run(chunks) { counts[$0].add(1) }
            #expect(counts.map(\.value) == (0..<37).map { $0 < chunks ? 1 : 0 })
        }
    }

    @Test func `callers at the same time each get all their chunks`() async throws {
        let pool = try ThreadPool(threads: 2)
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    let sum = Counter()
                    for _ in 0..<200 { pool.run(16) { sum.add($0) } }
                    return sum.value
                }
            }
            for await sum in group { #expect(sum == 200 * 120) }
        }
    }

    @Test func `a pool that was idle works again`() throws {
        let pool = try ThreadPool(threads: 2)
        let sum = Counter()
        pool.run(8) { sum.add($0) }
        usleep(2000)
        pool.run(8) { sum.add($0) }
        #expect(sum.value == 56)
    }
}

private final class Counter: Sendable {
    private let storage = Atomic<Int>(0)
    var value: Int { storage.load(ordering: .relaxed) }
    func add(_ amount: Int) { storage.add(amount, ordering: .relaxed) }
}
