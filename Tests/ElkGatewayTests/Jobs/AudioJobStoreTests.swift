import ElkTestSupport
import ElkWire
import Foundation
import Logging
import NIOCore
import Testing

@testable import ElkGateway

struct AudioJobStoreTests {
    private let folder: String
    private let database: TemporaryDatabase

    init() throws {
        database = try TemporaryDatabase()
        folder = database.folder + "/jobs"
    }

    private func open() throws -> AudioJobStore {
        try #require(AudioJobStore(folder: folder, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }))
    }

    private func job(_ change: (inout AudioJob) -> Void = { _ in }) -> AudioJob {
        var job = AudioJob(
            requestID: RequestID(),
            owner: AudioJob.Owner(keyID: "key"),
            address: "10.0.0.1",
            order: JobSample.order(),
            uploadBytes: 5,
            created: 1_000
        )
        change(&job)
        return job
    }

    private func mode(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func `a job comes back as it was, with its recording`() throws {
        let made = job { job in
            job.order.format = .verboseJSON
            job.order.language = "de"
            job.order.prompt = "Elch \"und\" Möhre"
            job.order.temperature = 0.25
            job.order.wantsWords = true
            job.order.wantsSegments = false
            job.order.wantsLogProbabilities = true
            job.order.languages = ["en", "de"]
            job.order.keywords = ["Elk"]
            job.order.speakers = ["Ann"]
            job.order.task = .translate
            job.webhook = Webhook(url: "https://example.com/hook?a=b")
            job.started = 2_000
            job.duration = 12.5
        }
        do {
            let store = try open()
            _ = try store.create(made)
        }
        let read = try #require(try open().load().first)
        #expect(read.record() == made.record())
        guard case .file(let path) = read.order.audio else {
            Issue.record("the recording is in a file")
            return
        }
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "audio")
        #expect(read.requestID.hasPrefix("req_"))
    }

    @Test func `nobody else can read what is kept`() throws {
        let store = try open()
        let made = try store.create(job())
        try store.saveResult(ByteBuffer(string: "text"), of: made)
        #expect(store.journal(of: made.id).append([1, 2, 3]))
        #expect(try mode(folder) == 0o700)
        #expect(try mode("\(folder)/\(made.id)") == 0o700)
        let names = try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(made.id)").sorted()
        #expect(names == ["audio", "job.json", "journal", "result"])
        for name in names { #expect(try mode("\(folder)/\(made.id)/\(name)") == 0o600) }
    }

    @Test func `one process at a time has the folder`() throws {
        let store = try open()
        #expect(AudioJobStore(folder: folder, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }) == nil)
        withExtendedLifetime(store) {}
    }

    @Test func `a folder that cannot be made means no jobs, and no end of the server`() {
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        #expect(AudioJobStore(folder: "/proc/nothing/jobs", logger: logger) == nil)
    }

    @Test func `what cannot be stored leaves nothing behind`() throws {
        let store = try open()
        var order = JobSample.order()
        order.audio = .file(path: folder + "/missing")
        let failing = job { $0.order = order }
        #expect(throws: JobFile.Fault.self) { try store.create(failing) }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["lock"])
    }

    @Test func `what a crash left half done is removed, and all else stays`() throws {
        let whole: AudioJob
        do {
            let store = try open()
            whole = try store.create(job())
            for name in ["job_1", "job_22", "strange"] {
                try FileManager.default.createDirectory(atPath: "\(folder)/\(name)", withIntermediateDirectories: true)
            }
            try Data("{".utf8).write(to: URL(fileURLWithPath: "\(folder)/job_22/job.json"))
            let lost = try store.create(job())
            try FileManager.default.removeItem(atPath: "\(folder)/\(lost.id)/audio")
        }
        #expect(try open().load().map(\.id) == [whole.id])
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).sorted() == [whole.id, "lock"])
    }

    @Test func `a finished job keeps its result and nothing that was said to it`() throws {
        let store = try open()
        var made = try store.create(job { $0.order.prompt = "secret" })
        try store.saveResult(ByteBuffer(string: "text"), of: made)
        (made.status, made.ended, made.resultBytes) = (.completed, 5_000, 4)
        try store.save(made)
        store.removeInput(of: made.id)
        #expect(try store.result(of: made.id) == ByteBuffer(string: "text"))
        let text = try String(contentsOfFile: "\(folder)/\(made.id)/job.json", encoding: .utf8)
        #expect(!text.contains("secret"))
        #expect(store.load().map(\.status) == [.completed])
        store.remove(made.id)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["lock"])
    }

    @Test(arguments: 1...10)
    func `no damage to a record ends the process`(seed: UInt64) {
        var random = SeededRandom(seed: seed)
        let record = job { job in
            job.webhook = Webhook(url: "https://example.com")
            (job.status, job.ended) = (.failed, 9_000)
            job.failure = .server("x", code: "y")
        }.record()
        for _ in 0..<300 {
            var bytes = Array(record.readableBytesView)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0x20...0x7E, using: &random)
            }
            guard let read = AudioJob(record: ByteBuffer(bytes: bytes)) else { continue }
            _ = AudioJobView(job: read, reached: 0).json()
            var board = JobBoard()
            board[read.id] = JobBoard.Entry(read)
            _ = board.storedBytes
            _ = board.expire(keep: 86_400_000, now: 1)
        }
    }

    @Test func `a journal is cut where it is damaged and goes on there`() throws {
        let store = try open()
        let made = try store.create(job())
        let journal = store.journal(of: made.id)
        #expect(journal.records() == [])
        journal.truncate(to: 0)
        #expect(journal.append([1, 2, 3]))
        #expect(journal.append([4]))
        journal.truncate(to: 2)
        #expect(journal.append([9]))
        #expect(store.journal(of: made.id).records() == [1, 2, 9])
    }

    @Test func `a record that has no room is left out whole`() throws {
        let store = try open()
        let made = try store.create(job())
        // A folder in the place of the file is as good as a full disk.
        try FileManager.default.createDirectory(
            atPath: "\(folder)/\(made.id)/journal",
            withIntermediateDirectories: true
        )
        #expect(!store.journal(of: made.id).append([1]))
        #expect(store.journal(of: made.id).records() == [])
    }
}
