import Dispatch
import Synchronization
import Testing

@testable import ElkModels

struct BlockingThreadsTests {
    @Test func `work begins while as much other work as there are cores never ends`() async {
        let threads = BlockingThreads()
        let release = DispatchSemaphore(value: 0)
        await confirmation(expectedCount: 20) { begun in
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        await withCheckedContinuation { continuation in
                            threads.run {
                                continuation.resume()
                                release.wait()
                            }
                        }
                        begun()
                    }
                }
            }
        }
        #expect(threads.threads == 20)
        for _ in 0..<20 { release.signal() }
    }

    @Test func `beyond the most, work waits for a thread and is done in order`() async {
        let threads = BlockingThreads(most: 1)
        let order = Mutex<[Int]>([])
        await withCheckedContinuation { continuation in
            for number in 0..<50 {
                threads.run {
                    order.withLock { $0.append(number) }
                    if number == 49 { continuation.resume() }
                }
            }
        }
        #expect(order.withLock { $0 } == Array(0..<50))
        #expect(threads.threads == 1)
    }

    @Test func `threads without work end, and work that comes at that moment is done`() async throws {
        let threads = BlockingThreads(rest: .milliseconds(1))
        for _ in 0..<300 {
            await withCheckedContinuation { continuation in threads.run { continuation.resume() } }
            try await Task.sleep(for: .milliseconds(1))
        }
        while threads.threads > 0 { try await Task.sleep(for: .milliseconds(5)) }
        #expect(threads.threads == 0)
    }
}
