import ElkGateway
import ElkServer
import ElkTestSupport
import ElkWire
import NIOCore
import Synchronization
import Testing

/// Servers that take jobs, in a folder of their own.
enum JobServer {
    static func run(
        _ transcriber: FakeTranscriber = FakeTranscriber { _ in
            TranscriptionResult(body: ByteBuffer(string: "{}"), duration: 1)
        },
        in folder: TemporaryDatabase? = nil,
        change: (inout AudioJobs.Settings) -> Void = { _ in },
        configure: (inout ServerConfiguration) -> Void = { _ in },
        prepare: (Administration) async throws -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        let home = try folder ?? TemporaryDatabase()
        var settings = AudioJobs.Settings()
        settings.folder = home.folder + "/jobs"
        change(&settings)
        try await TestServer.run(
            transcriber,
            jobs: settings,
            database: folder?.path,
            configure: configure,
            prepare: prepare,
            body
        )
        withExtendedLifetime(home) {}
    }

    static func json(_ response: RawClient.Response?) throws -> JSONSlice {
        try JSONSlice(validating: ByteBuffer(string: try #require(response).body))
    }
}

extension TestServer {
    /// Asks for a job until it is as wanted, for at most half a minute.
    func poll(
        _ path: String,
        headers: [String: String] = [:],
        until isWanted: (JSONSlice) -> Bool
    ) async throws -> JSONSlice {
        for _ in 0..<3000 {
            let job = try JobServer.json(try await request("GET", path, headers: headers))
            if isWanted(job) { return job }
            try await Task.sleep(for: .milliseconds(10))
        }
        return try #require(nil, "the job did not come to be as it was to be")
    }
}

/// Holds work back until it is opened, or its task is cancelled.
final class Latch: Sendable {
    private let isOpen = Mutex(false)

    func open() { isOpen.withLock { $0 = true } }

    func wait() async throws(Failure) {
        while !isOpen.withLock({ $0 }) {
            guard !Task.isCancelled else {
                throw Failure(status: 499, type: "invalid_request_error", message: "The request was cancelled.")
            }
            try? await Task.sleep(for: .milliseconds(5))
        }
    }
}

/// What happened, in order.
final class Seen: Sendable {
    private let values = Mutex<[Int]>([])

    var all: [Int] { values.withLock { $0 } }
    func add(_ value: Int) { values.withLock { $0.append(value) } }
}
