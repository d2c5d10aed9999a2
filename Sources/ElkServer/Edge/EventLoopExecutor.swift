import NIOCore
import Synchronization

/// Runs tasks on an event loop, so that a request does not change threads between its socket and its code.
///
/// Code that blocks would stop every connection of the loop: whatever does goes to threads of its own.
final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    private init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { [executor = asUnownedTaskExecutor()] in job.runSynchronously(on: executor) }
    }

    /// Tasks do not keep their executor alive, so executors live as long as the process, as event loops do.
    private static let known = Mutex<[ObjectIdentifier: EventLoopExecutor]>([:])

    static func of(_ loop: any EventLoop) -> EventLoopExecutor {
        known.withLock { known in
            if let executor = known[ObjectIdentifier(loop)] { return executor }
            let executor = EventLoopExecutor(loop)
            known[ObjectIdentifier(loop)] = executor
            return executor
        }
    }
}
