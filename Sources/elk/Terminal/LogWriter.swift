import Dispatch
import Glibc
import Synchronization

/// Writes log lines to standard error from a queue of its own, so that no request waits for a terminal or a pipe.
///
/// Lines are gathered and written together. When nobody reads them fast enough, those beyond the limit are counted instead of
/// kept, and the count is a line of its own.
final class LogWriter: Sendable {
    static let shared = LogWriter(descriptor: STDERR_FILENO)

    private struct State {
        var bytes: [UInt8] = []
        var dropped = 0
        var isScheduled = false
    }

    private static let maxBytes = 4 << 20

    private let descriptor: CInt
    private let state = Mutex(State())
    private let queue = DispatchQueue(label: "elk.log")

    init(descriptor: CInt) {
        self.descriptor = descriptor
    }

    /// Takes one line, without its end.
    func write(_ line: String) {
        let schedules = state.withLock { state in
            guard state.bytes.count + line.utf8.count < Self.maxBytes else {
                state.dropped += 1
                return false
            }
            state.bytes += line.utf8
            state.bytes.append(UInt8(ascii: "\n"))
            defer { state.isScheduled = true }
            return !state.isScheduled
        }
        if schedules { queue.async { self.drain() } }
    }

    /// Returns when everything that was taken has been written.
    func flush() {
        queue.sync { drain() }
    }

    private func drain() {
        while true {
            let (bytes, dropped) = state.withLock { state in
                defer { (state.bytes, state.dropped) = ([], 0) }
                if state.bytes.isEmpty { state.isScheduled = false }
                return (state.bytes, state.dropped)
            }
            if dropped > 0 { Console.write("\(dropped) log lines were dropped\n", to: descriptor) }
            guard !bytes.isEmpty else { return }
            write(bytes)
        }
    }

    private func write(_ bytes: [UInt8]) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
