import Glibc
package import Logging
import NIOCore

/// The jobs on disk: a folder each, with the recording, the journal and the result beside what is known of it.
///
/// Every call blocks. One process at a time: a second one on the same folder finds it locked.
package final class AudioJobStore: Sendable {
    private let folder: String
    private let lock: CInt
    private let logger: Logger

    /// Nil when the folder cannot be used, which has been logged.
    package init?(folder: String, logger: Logger) {
        let descriptor: CInt
        do throws(JobFile.Fault) {
            try JobFile.makeFolder(folder)
            descriptor = try Self.lock("\(folder)/lock")
        } catch {
            logger.error(
                "there will be no jobs: their folder cannot be used, or another process uses it",
                metadata: ["folder": "\(folder)", "operation": "\(error.operation)", "errno": "\(error.code)"]
            )
            return nil
        }
        (self.folder, self.logger, lock) = (folder, logger, descriptor)
    }

    deinit { close(lock) }

    private static func lock(_ path: String) throws(JobFile.Fault) -> CInt {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw JobFile.Fault(operation: "open", code: errno) }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let fault = JobFile.Fault(operation: "lock", code: errno)
            close(descriptor)
            throw fault
        }
        return descriptor
    }

    /// All jobs, the oldest first; what cannot be read is removed.
    func load() -> [AudioJob] {
        var jobs: [AudioJob] = []
        for name in JobFile.names(in: folder) where name != "lock" {
            guard AudioJob.isID(name), let job = read(name) else {
                logger.warning("a job that cannot be read is removed", metadata: ["job": "\(name)"])
                JobFile.remove(folder: "\(folder)/\(name)")
                continue
            }
            jobs.append(job)
        }
        return jobs.sorted { ($0.created, $0.id) < ($1.created, $1.id) }
    }

    private func read(_ id: String) -> AudioJob? {
        guard let record = try? JobFile.content(path(id, "job.json")) else { return nil }
        guard var job = AudioJob(record: record), job.id == id else { return nil }
        if !job.status.isFinal {
            // A job whose recording is gone can never be done.
            guard access(path(id, "audio"), R_OK) == 0 else { return nil }
            job.order.audio = .file(path: path(id, "audio"))
        }
        return job
    }

    /// Keeps a new job with its recording; nothing of it is left when that fails.
    ///
    /// - Returns: the job, with its audio where it is kept.
    func create(_ job: AudioJob) throws(JobFile.Fault) -> AudioJob {
        var job = job
        do throws(JobFile.Fault) {
            try JobFile.makeFolder("\(folder)/\(job.id)")
            let audio = path(job.id, "audio")
            switch job.order.audio {
            case .memory(let bytes): try JobFile.replace(audio, with: bytes)
            case .file(let source): try JobFile.copy(source, to: audio)
            case .samples: throw JobFile.Fault(operation: "write", code: EINVAL)
            }
            job.order.audio = .file(path: audio)
            try save(job)
            try JobFile.sync(folder: folder)
            return job
        } catch {
            JobFile.remove(folder: "\(folder)/\(job.id)")
            throw error
        }
    }

    func save(_ job: AudioJob) throws(JobFile.Fault) {
        try JobFile.replace(path(job.id, "job.json"), with: job.record())
    }

    func saveResult(_ body: ByteBuffer, of job: AudioJob) throws(JobFile.Fault) {
        try JobFile.replace(path(job.id, "result"), with: body)
    }

    func result(of id: String) throws(JobFile.Fault) -> ByteBuffer? {
        try JobFile.content(path(id, "result"))
    }

    /// Removes what only the work needed.
    func removeInput(of id: String) {
        unlink(path(id, "audio"))
        unlink(path(id, "journal"))
    }

    func remove(_ id: String) {
        // First what makes it a job, so that a crash in between leaves none.
        unlink(path(id, "job.json"))
        JobFile.remove(folder: "\(folder)/\(id)")
    }

    func journal(of id: String) -> any TranscriptionJournal {
        JobJournal(path: path(id, "journal")) { [logger] fault in
            logger.warning(
                "the progress of a job is not kept",
                metadata: ["job": "\(id)", "operation": "\(fault.operation)", "errno": "\(fault.code)"]
            )
        }
    }

    private func path(_ id: String, _ name: String) -> String { "\(folder)/\(id)/\(name)" }
}
