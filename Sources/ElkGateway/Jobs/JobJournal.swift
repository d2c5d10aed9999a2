import Glibc
import NIOCore

/// The journal of a job in a file.
///
/// A record reaches the disk before the next window is heard; one that has no room leaves nothing of itself.
final class JobJournal: TranscriptionJournal {
    private let path: String
    private let onFault: @Sendable (JobFile.Fault) -> Void

    /// - Parameter onFault: told why a record was not kept.
    init(path: String, onFault: @escaping @Sendable (JobFile.Fault) -> Void) {
        (self.path, self.onFault) = (path, onFault)
    }

    func records() -> [UInt8] {
        do throws(JobFile.Fault) {
            return try JobFile.content(path).map { Array($0.readableBytesView) } ?? []
        } catch {
            onFault(error)
            return []
        }
    }

    func truncate(to count: Int) {
        guard Glibc.truncate(path, off_t(count)) != 0, errno != ENOENT else { return }
        onFault(JobFile.Fault(operation: "truncate", code: errno))
    }

    func append(_ record: [UInt8]) -> Bool {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else { return fail(JobFile.Fault(operation: "open", code: errno)) }
        defer { close(descriptor) }
        let length = lseek(descriptor, 0, SEEK_END)
        do throws(JobFile.Fault) {
            let appended: Result<Void, JobFile.Fault> = record.withUnsafeBytes { bytes in
                Result { () throws(JobFile.Fault) in try JobFile.append(bytes, to: descriptor) }
            }
            try appended.get()
            guard fdatasync(descriptor) == 0 else { throw JobFile.Fault(operation: "fdatasync", code: errno) }
            return true
        } catch {
            if length >= 0 { _ = ftruncate(descriptor, length) }
            return fail(error)
        }
    }

    private func fail(_ fault: JobFile.Fault) -> Bool {
        onFault(fault)
        return false
    }
}
