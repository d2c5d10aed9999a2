import Glibc
import Synchronization

/// Writes to the standard streams, unbuffered, so that text appears when it is made.
enum Console {
    static var outputIsTerminal: Bool { isatty(STDOUT_FILENO) == 1 }
    static var errorIsTerminal: Bool { isatty(STDERR_FILENO) == 1 }

    private static let lost = Atomic<CInt>(0)

    /// Why a part of the result did not reach the standard output; nil when all did, or when its reader has gone and wants no more.
    ///
    /// `Elk.main` asks at the end, so that no command can report a success whose result nobody has.
    static var outputFault: String? {
        let code = lost.load(ordering: .relaxed)
        return code == 0 || code == EPIPE ? nil : String(cString: strerror(code))
    }

    /// Writes a part of the result.
    static func output(_ text: String) {
        guard !write(text, to: STDOUT_FILENO) else { return }
        _ = lost.compareExchange(expected: 0, desired: errno, ordering: .relaxed)
    }

    /// Writes what is good to know, on the standard output, but no result: it may get lost.
    static func notice(_ line: String) {
        write(line + "\n", to: STDOUT_FILENO)
    }

    static func error(_ line: String) {
        write(line + "\n", to: STDERR_FILENO)
    }

    /// - Returns: false when that cannot be written; `errno` says why.
    @discardableResult
    static func write(_ text: String, to descriptor: CInt) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return false }
            bytes = bytes.dropFirst(count)
        }
        return true
    }
}
