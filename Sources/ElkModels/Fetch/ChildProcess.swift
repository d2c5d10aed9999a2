import Glibc
import Synchronization

/// Another program, run once.
///
/// Its input is empty; its output and errors come back together. A class because the cancellation handler and the thread that waits share it.
final class ChildProcess: Sendable {
    struct Result: Sendable {
        /// Exit code, or 128 and the number of the signal that ended it.
        var status: Int
        /// The last 64 KiB of what it printed.
        var output: String
    }

    private enum State: Sendable {
        case ready
        case running(pid_t)
        case cancelled
        case finished
    }

    private let arguments: [String]
    private let environment: [String: String]
    private let folder: String
    private let state = Mutex(State.ready)

    /// - Parameters:
    ///   - arguments: the program, looked up in the `PATH` of `environment`, and its arguments.
    ///   - environment: the whole environment of the program.
    ///   - folder: where it runs.
    init(_ arguments: [String], environment: [String: String], folder: String) {
        self.arguments = arguments
        self.environment = environment
        self.folder = folder
    }

    /// Runs the program to its end.
    ///
    /// Cancelling the task ends it and everything it started.
    /// - Throws: `.missingTool` when it cannot be started; `.cancelled`.
    func run() async throws(ModelStoreError) -> Result {
        let result: Swift.Result<Result, ModelStoreError> = await withTaskCancellationHandler {
            do throws(ModelStoreError) {
                return .success(try await onBlockingThread { () throws(ModelStoreError) in try self.runBlocking() })
            } catch {
                return .failure(error)
            }
        } onCancel: {
            state.withLock { state in
                if case .running(let pid) = state { kill(-pid, SIGTERM) }
                state = .cancelled
            }
        }
        return try result.get()
    }

    private func runBlocking() throws(ModelStoreError) -> Result {
        var ends: [CInt] = [-1, -1]
        guard pipe(&ends) == 0 else { throw ModelStoreError(.disk, "No pipe: \(lastSystemError())") }
        defer { close(ends[0]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let (pid, code) = spawn(output: ends[1])
        close(ends[1])
        guard code == 0 else {
            throw ModelStoreError(.missingTool, "\(arguments[0]) cannot be started: \(String(cString: strerror(code)))")
        }
        state.withLock { state in
            if case .cancelled = state { kill(-pid, SIGTERM) } else { state = .running(pid) }
        }
        let output = readTail(of: ends[0])
        // First without reaping it: while it is a zombie its number belongs to nobody else, so a signal cannot go astray.
        var information = siginfo_t()
        while waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) != 0, errno == EINTR {}
        let wasCancelled = state.withLock { state in
            defer { state = .finished }
            if case .cancelled = state { return true }
            return false
        }
        var status: CInt = 0
        while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        if wasCancelled { throw ModelStoreError(.cancelled, "Stopped.") }
        guard status >> 8 != 127 else { throw ModelStoreError(.missingTool, "\(arguments[0]) is not on this machine.") }
        let signal = status & 0x7f
        return Result(status: signal == 0 ? Int((status >> 8) & 0xff) : 128 + Int(signal), output: output)
    }

    private func spawn(output: CInt) -> (pid: pid_t, code: CInt) {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, output, 2)
        // A group of its own, so that what it starts ends with it and a Ctrl-C reaches it through us.
        let flags = POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF
        posix_spawnattr_setflags(&attributes, Int16(flags))
        posix_spawnattr_setpgroup(&attributes, 0)
        // The thread that starts it may block signals; a child that inherited that could not be ended.
        var none = sigset_t()
        var all = sigset_t()
        sigemptyset(&none)
        sigfillset(&all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        // The shell only changes the folder: the call that would do so here is not in the C library's portable part.
        let command = ["sh", "-c", "cd \"$1\" && shift && exec \"$@\"", "sh", folder] + arguments
        let commandStrings = CStrings(command)
        let environmentStrings = CStrings(environment.map { "\($0)=\($1)" })
        var pid: pid_t = 0
        let code = posix_spawn(
            &pid,
            "/bin/sh",
            &actions,
            &attributes,
            commandStrings.pointers,
            environmentStrings.pointers
        )
        return (pid, code)
    }

    private func readTail(of descriptor: CInt) -> String {
        var tail: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 16384)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            tail += buffer[..<count]
            if tail.count > 128 << 10 { tail.removeFirst(tail.count - 64 << 10) }
        }
        return String(decoding: tail.suffix(64 << 10), as: UTF8.self)
    }
}

/// A NULL-terminated array of C strings that frees itself.
private final class CStrings {
    var pointers: [UnsafeMutablePointer<CChar>?]

    init(_ strings: [String]) {
        pointers = strings.map { strdup($0) } + [nil]
    }

    deinit {
        for pointer in pointers { free(pointer) }
    }
}
