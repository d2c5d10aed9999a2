import ElkGateway
import ElkServer
import ElkWire
import Logging
import NIOCore
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(3)))
struct RequestLogTests {
    /// Keeps what is logged, for a test to read.
    private final class Lines: LogHandler, @unchecked Sendable {
        // Not `Sendable` by itself only because of the two properties that the protocol wants; nobody changes them
        // here.
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info
        private let kept: Mutex<[Logger.Metadata]>
        init() { kept = Mutex([]) }

        var requests: [Logger.Metadata] { kept.withLock { $0 } }

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { nil }
            set {}
        }

        func log(event: LogEvent) {
            guard event.message == "request" else { return }
            kept.withLock { $0.append(event.metadata ?? [:]) }
        }
    }

    @Test func `each request is one line, without secrets or content`() async throws {
        let lines = Lines()
        let logger = Logger(label: "test") { _ in lines }
        try await TestServer.run(logger: logger, configure: { $0.apiKeys = ["sk-secret"] }) { server in
            let key = ["Authorization": "Bearer sk-secret"]
            _ = try await server.post(TestForm(file: "SOUND", ("prompt", "PRIVATE")), headers: key)
            _ = try await server.request("GET", "/v1/models?x=QUERY")
        }
        let requests = lines.requests
        try #require(requests.count == 2)
        #expect(requests[0]["status"] == "200")
        #expect(requests[0]["model"] == "whisper-1")
        #expect(requests[0]["audio.seconds"] == "8.5")
        #expect(requests[0]["path"] == "/v1/audio/transcriptions")
        #expect(requests[1]["status"] == "401")
        let text = "\(requests)"
        for secret in ["sk-secret", "SOUND", "PRIVATE", "QUERY"] { #expect(!text.contains(secret)) }
    }

    @Test func `a client that leaves is logged as 499`() async throws {
        let lines = Lines()
        let logger = Logger(label: "test") { _ in lines }
        let (started, start) = AsyncStream<Void>.makeStream()
        let transcriber = FakeTranscriber { _ throws(Failure) in
            start.yield()
            try? await Task.sleep(for: .seconds(60))
            throw .server("cancelled")
        }
        try await TestServer.run(transcriber, logger: logger) { server in
            let client = try await RawClient(port: server.port)
            try await client.send(TestForm().message)
            for await _ in started { break }
            try await client.close()
            let uploading = try await RawClient(port: server.port)
            try await uploading.send(String(decoding: TestForm().message.utf8.dropLast(20), as: UTF8.self))
            try await uploading.close()
            while lines.requests.count < 2 { try await Task.sleep(for: .milliseconds(5)) }
        }
        #expect(lines.requests.map { $0["status"] } == ["499", "499"])
    }
}
