import AsyncHTTPClient
import FoundationEssentials
import NIOCore
import NIOHTTP1

/// Downloads the files of one repository into a folder, going on where an earlier try stopped.
///
/// A file is `NAME.part` until it is whole and its hash is right; `NAME.part.etag` beside it says which version the
/// bytes are of.
struct HubDownload {
    let client: HubClient
    let repository: HubRepository
    let folder: String
    /// Tries for one file before the source is given up, after it has answered once.
    var tries = 6
    /// Pause before the second try; doubles with each further one.
    var pause: Duration = .milliseconds(500)
    let report: @Sendable (TransferProgress) -> Void

    private var progress = TransferProgress(bytes: 0, total: nil)
    private var meter = SpeedMeter()
    /// Whether this source has ever answered: if not, failing to connect is final and the next source gets its turn.
    private var hasAnswered = false
    private(set) var commit: String?

    init(
        client: HubClient,
        repository: HubRepository,
        folder: String,
        tries: Int = 6,
        pause: Duration = .milliseconds(500),
        report: @escaping @Sendable (TransferProgress) -> Void
    ) {
        self.client = client
        self.repository = repository
        self.folder = folder
        self.tries = tries
        self.pause = pause
        self.report = report
    }

    /// Fetches every file and returns those that are there now, verified.
    mutating func run() async throws -> [ModelManifest.File] {
        try makeFolder(folder)
        var files: [ModelManifest.File] = []
        for file in repository.files {
            if let fetched = try await fetch(file) { files.append(fetched) }
        }
        return files
    }

    private mutating func fetch(_ file: HubFile) async throws -> ModelManifest.File? {
        let path = "\(folder)/\(file.name)"
        var lastReason = ""
        var pause = pause
        for attempt in 0..<tries {
            if attempt > 0 {
                try await Task.sleep(for: pause)
                pause *= 2
            }
            switch try await attemptOnce(file, path: path) {
            case .done(let result): return result
            case .absent: return nil
            case .again(let reason): lastReason = reason
            }
        }
        throw ModelStoreError(.unreachable, "\(file.name) did not come through in \(tries) tries: \(lastReason)")
    }

    private enum Outcome {
        case done(ModelManifest.File)
        case absent
        case again(String)
    }

    private mutating func attemptOnce(_ file: HubFile, path: String) async throws -> Outcome {
        let part = path + ".part"
        let tagPath = part + ".etag"
        let saved = try? String(contentsOfFile: tagPath, encoding: .utf8)
        let plan = ResumePlan(present: fileSize(part) ?? 0, validator: saved)
        let answer: HubClient.Answer
        do {
            answer = try await client.get(
                file.name,
                of: repository,
                from: plan.rangeStart,
                validator: plan.validator
            )
        } catch let error as ModelStoreError {
            throw error
        } catch let error as CancellationError {
            throw error
        } catch {
            try Task.checkCancellation()
            guard hasAnswered else {
                throw ModelStoreError(.unreachable, "\(client.address) cannot be reached: \(error)")
            }
            return .again("\(error)")
        }
        hasAnswered = true
        commit = commit ?? answer.commit
        let verdict = plan.verdict(
            status: Int(answer.response.status.code),
            contentLength: answer.header("content-length").flatMap { Int($0) },
            contentRange: answer.header("content-range")
        )
        switch verdict {
        case .missing:
            if file.isOptional { return .absent }
            throw ModelStoreError(.refused, "\(repository.name) has no \(file.name)")
        case .refuse(let reason):
            throw ModelStoreError(.refused, "\(client.address) refuses \(file.name): \(reason)")
        case .retry(let reason):
            return .again(reason)
        case .askAgain:
            try delete(part)
            try delete(tagPath)
            return .again("the file on the hub changed")
        case .restart(let total), .append(let total):
            let isAppending = if case .append = verdict { true } else { false }
            try delete(tagPath)
            if let tag = answer.header("etag") { try write(tag, to: tagPath) }
            let start = isAppending ? plan.present : 0
            if let reason = try await receive(answer, into: part, from: start, total: total) { return .again(reason) }
        case .complete:
            break
        }
        let expected = file.sha256 ?? answer.sha256
        let digest = try await onBlockingThread { () throws(ModelStoreError) in try sha256(ofFileAt: part) }
        guard expected == nil || digest == expected else {
            try delete(part)
            try delete(tagPath)
            throw ModelStoreError(.damaged, "\(file.name) from \(repository.name) does not match its sha256")
        }
        try move(part, to: path)
        try delete(tagPath)
        return .done(.init(name: file.name, bytes: fileSize(path) ?? 0, sha256: digest))
    }

    /// Streams a body to the disk: reads on only when the last mebibyte is written.
    ///
    /// - Returns: nil when all of it came, else why not.
    private mutating func receive(
        _ answer: HubClient.Answer,
        into part: String,
        from start: Int,
        total: Int?
    ) async throws -> String? {
        let isAppending = start > 0
        if !isAppending { _ = try OpenFile(writing: part) }
        progress = TransferProgress(bytes: start, total: total)
        meter = SpeedMeter()
        var pending = ByteBuffer()
        var reason: String?
        do {
            for try await chunk in answer.response.body {
                pending.writeImmutableBuffer(chunk)
                progress.bytes += chunk.readableBytes
                meter.read(progress.bytes, at: .now)
                progress.bytesPerSecond = meter.bytesPerSecond
                report(progress)
                if pending.readableBytes >= 1 << 20 {
                    try await append(pending, to: part)
                    pending.clear()
                }
            }
        } catch let error as ModelStoreError {
            throw error
        } catch {
            reason = "the connection broke (\(error))"
        }
        try await append(pending, to: part)
        try Task.checkCancellation()
        if let reason { return reason }
        guard let total, progress.bytes != total else { return nil }
        return "the connection ended early"
    }

    private func append(_ bytes: ByteBuffer, to path: String) async throws(ModelStoreError) {
        try await onBlockingThread { () throws(ModelStoreError) in
            let file = try OpenFile(writing: path, appending: true)
            try file.write(bytes)
        }
    }
}

extension OpenFile {
    fileprivate func write(_ buffer: ByteBuffer) throws(ModelStoreError) {
        var failure: ModelStoreError?
        buffer.withUnsafeReadableBytes { bytes in
            do throws(ModelStoreError) {
                try write(bytes)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }
}
