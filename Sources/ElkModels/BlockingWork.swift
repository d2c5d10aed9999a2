import Dispatch
import Glibc
import Synchronization

/// Runs `work` on a thread outside the cooperative pool and returns what it returns.
///
/// Transcribing, hashing, joining and waiting for child processes take seconds; the pool has one thread a core. So has Dispatch's,
/// which looks only once a second whether it had better have more: a clip would wait that long beside a recording at work.
package func onBlockingThread<Value: Sendable, Fault: Error>(
    _ work: @escaping @Sendable () throws(Fault) -> Value
) async throws(Fault) -> Value {
    let result: Result<Value, Fault> = await withCheckedContinuation { continuation in
        BlockingThreads.shared.run {
            do throws(Fault) {
                continuation.resume(returning: .success(try work()))
            } catch {
                continuation.resume(returning: .failure(error))
            }
        }
    }
    return try result.get()
}

/// As many threads as there is work at a time; those without any rest a while before they end.
final class BlockingThreads: Sendable {
    typealias Work = @Sendable () -> Void

    static let shared = BlockingThreads()

    private struct State {
        var threads = 0
        /// What came when there were as many threads as there may be.
        var waiting: [Work] = []
        /// The last to rest is woken first: its memory is the warmest.
        var resting: [Seat] = []
    }

    /// Where a resting thread is handed its next work.
    private final class Seat: Sendable {
        let wake = DispatchSemaphore(value: 0)
        let work = Mutex<Work?>(nil)
    }

    /// What a new thread begins with.
    private final class Beginning: Sendable {
        let body: Work
        init(_ body: @escaping Work) { self.body = body }
    }

    private let most: Int
    private let rest: DispatchTimeInterval
    private let state = Mutex(State())

    /// - Parameters:
    ///   - most: threads at a time; more work waits.
    ///   - rest: how long a thread without work stays.
    init(most: Int = 64, rest: DispatchTimeInterval = .seconds(10)) {
        (self.most, self.rest) = (most, rest)
    }

    var threads: Int { state.withLock { $0.threads } }

    func run(_ work: @escaping Work) {
        let isNew = state.withLock { state in
            if let seat = state.resting.popLast() {
                seat.work.withLock { $0 = work }
                seat.wake.signal()
                return false
            }
            guard state.threads < most else {
                state.waiting.append(work)
                return false
            }
            state.threads += 1
            return true
        }
        if isNew { begin(work) }
    }

    private func begin(_ work: @escaping Work) {
        let beginning = Unmanaged.passRetained(Beginning { self.serve(work) })
        var thread = pthread_t()
        let error = pthread_create(
            &thread,
            nil,
            { context in
                guard let context else { return nil }
                Unmanaged<Beginning>.fromOpaque(context).takeRetainedValue().body()
                return nil
            },
            beginning.toOpaque()
        )
        guard error == 0 else {
            // No more threads in this system: Dispatch has some that do other things now and then.
            DispatchQueue.global().async { beginning.takeRetainedValue().body() }
            return
        }
        pthread_detach(thread)
    }

    private func serve(_ first: Work) {
        first()
        let seat = Seat()
        while let work = next(seat) { work() }
    }

    /// Blocks until there is work; nil when there was none for long.
    private func next(_ seat: Seat) -> Work? {
        let queued = state.withLock { state -> Work? in
            if !state.waiting.isEmpty { return state.waiting.removeFirst() }
            state.resting.append(seat)
            return nil
        }
        if let queued { return queued }
        if seat.wake.wait(timeout: .now() + rest) == .timedOut {
            let isOver = state.withLock { state in
                guard let index = state.resting.firstIndex(where: { $0 === seat }) else { return false }
                state.resting.remove(at: index)
                state.threads -= 1
                return true
            }
            if isOver { return nil }
            // Work has come at the last moment.
            seat.wake.wait()
        }
        return seat.work.withLock { work in
            defer { work = nil }
            return work
        }
    }
}
