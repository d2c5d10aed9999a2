import Dispatch
import Glibc
import Synchronization

/// Calls a closure, from a thread of its own, with how many of the given signals have come so far.
final class SignalWatch {
    private let sources: [any DispatchSourceSignal]

    init(_ signals: [CInt], _ handle: @escaping @Sendable (Int) -> Void) {
        let arrivals = Arrivals()
        sources = signals.map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { handle(arrivals.next()) }
            source.resume()
            return source
        }
    }

    func stop() {
        for source in sources { source.cancel() }
    }

    private final class Arrivals: Sendable {
        private let count = Atomic(0)

        func next() -> Int {
            count.add(1, ordering: .relaxed).newValue
        }
    }
}

/// Runs `body` so that Ctrl-C or SIGTERM cancels it; a second one ends the process at once.
func cancellingOnInterrupt<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
) async throws -> Value {
    let task = Task { try await body() }
    let signals = [SIGINT, SIGTERM]
    for number in signals { signal(number, SIG_IGN) }
    let watch = SignalWatch(signals) { count in
        guard count == 1 else { _exit(CommandFault.Code.interrupted.rawValue) }
        task.cancel()
    }
    defer { watch.stop() }
    return try await task.value
}
