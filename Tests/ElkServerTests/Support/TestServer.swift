import ElkServer
import Logging
import ServiceLifecycle

/// A running server on a free port.
struct TestServer: Sendable {
    let port: Int
    private let group: ServiceGroup

    func stop() async {
        await group.triggerGracefulShutdown()
    }

    /// Runs a server while `body` runs, and stops it then.
    static func run(
        _ transcriber: FakeTranscriber = FakeTranscriber(),
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        configure: (inout ServerConfiguration) -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        var configuration = ServerConfiguration()
        configuration.port = 0
        configure(&configuration)
        let (ports, port) = AsyncStream<Int>.makeStream()
        let server = try buildServer(configuration: configuration, transcriber: transcriber, logger: logger) { number in
            port.yield(number)
        }
        let group = serviceGroup(running: server, configuration: configuration, logger: logger, signals: [])
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            for await number in ports {
                try await body(TestServer(port: number, group: group))
                break
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    /// Sends one request on a connection of its own.
    func request(
        _ method: String,
        _ path: String,
        headers: [String: String] = [:],
        body: String = ""
    ) async throws -> RawClient.Response? {
        let client = try await RawClient(port: port)
        try await client.send(TestServer.message(method, path, headers: headers, body: body))
        return await client.response()
    }

    func post(
        _ form: TestForm,
        to path: String = "/v1/audio/transcriptions",
        headers: [String: String] = [:]
    ) async throws -> RawClient.Response? {
        try await request("POST", path, headers: form.headers.merging(headers) { $1 }, body: form.body)
    }

    static func message(_ method: String, _ path: String, headers: [String: String] = [:], body: String = "") -> String
    {
        var head = "\(method) \(path) HTTP/1.1\r\nHost: localhost\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if headers["Transfer-Encoding"] == nil, headers["Content-Length"] == nil {
            head += "Content-Length: \(body.utf8.count)\r\n"
        }
        return head + "\r\n" + body
    }
}

/// A multipart form with a recording and a model, and what else a test adds.
struct TestForm {
    private var parts: [String] = []

    init(
        model: String? = "whisper-1",
        file: String? = "audio",
        filename: String = "a.wav",
        _ fields: (String, String)...
    ) {
        if let file {
            parts.append("Content-Disposition: form-data; name=\"file\"; filename=\"\(filename)\"\r\n\r\n\(file)")
        }
        if let model { add("model", model) }
        for (name, value) in fields { add(name, value) }
    }

    mutating func add(_ name: String, _ value: String) {
        parts.append("Content-Disposition: form-data; name=\"\(name)\"\r\n\r\n\(value)")
    }

    var headers: [String: String] { ["Content-Type": "multipart/form-data; boundary=xYzZy"] }
    var body: String { parts.map { "--xYzZy\r\n\($0)\r\n" }.joined() + "--xYzZy--\r\n" }
    var message: String { TestServer.message("POST", "/v1/audio/transcriptions", headers: headers, body: body) }
}
