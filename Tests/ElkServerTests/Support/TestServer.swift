import ElkGateway
import ElkServer
import ElkStorage
import ElkWire
import Logging
import ServiceLifecycle

/// A running server on a free port, on a database of its own in memory.
struct TestServer: Sendable {
    static let rootKey = "elk-root-for-tests"

    let port: Int
    let backend: Backend
    private let group: ServiceGroup

    var administration: Administration { backend.administration }

    func stop() async {
        await group.triggerGracefulShutdown()
    }

    /// Runs a server while `body` runs, and stops it then.
    ///
    /// - Parameters:
    ///   - database: path of the file; nil keeps it in memory.
    ///   - prepare: puts into the database what is to be there when the server starts.
    static func run(
        _ transcriber: FakeTranscriber = FakeTranscriber(),
        synthesizer: (any Synthesizer)? = nil,
        jobs: AudioJobs.Settings = AudioJobs.Settings(),
        database: String? = nil,
        logger: Logger = Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }),
        configure: (inout ServerConfiguration) -> Void = { _ in },
        gateway: (inout Gateway.Settings) -> Void = { _ in },
        prepare: (Administration) async throws -> Void = { _ in },
        _ body: (TestServer) async throws -> Void
    ) async throws {
        var configuration = ServerConfiguration()
        configuration.port = 0
        configure(&configuration)
        let store = try await Store.open(
            database.map { .file($0) } ?? .memory,
            masterKey: Secret("a master key of thirty-two bytes."),
            now: TimeSource.system.now
        )
        var settings = Backend.Settings()
        settings.admission.operatorKeys = configuration.apiKeys.map { Secret($0) }
        settings.admission.isLoopback = true
        settings.settlement.intervalMilliseconds = 10
        gateway(&settings.gateway)
        settings.jobs = jobs
        let openRequests = OpenRequests()
        let backend = Backend(
            store: store,
            settings: settings,
            transcriber: transcriber,
            synthesizer: synthesizer,
            logger: logger,
            observer: { openRequests.note($0, channel: $1) }
        )
        try await prepare(backend.administration)
        try await backend.reload()
        await backend.jobs.load()
        var parts = ServerParts(
            gateway: backend.gateway,
            transcriber: transcriber,
            store: store,
            archive: backend.archive,
            background: backend.background,
            jobs: backend.jobs,
            administration: backend.administration,
            rootDigest: KeyDigest(of: rootKey),
            openRequests: openRequests,
            testChannel: { channel, model throws(Failure) in
                try await backend.channelTest.run(channel, model: model, now: TimeSource.system.now)
            }
        )
        parts.synthesizer = synthesizer
        parts.reload = { try? await backend.reload() }
        let (ports, port) = AsyncStream<Int>.makeStream()
        let server = try buildServer(configuration: configuration, parts: parts, logger: logger) { number in
            port.yield(number)
        }
        let group = serviceGroup(
            running: backend.services + [server],
            configuration: configuration,
            logger: logger,
            signals: []
        )
        try await withThrowingTaskGroup { tasks in
            tasks.addTask { try await group.run() }
            for await number in ports {
                try await body(TestServer(port: number, backend: backend, group: group))
                break
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        try store.close()
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
        return await client.response(toHead: method == "HEAD")
    }

    func post(
        _ form: TestForm,
        to path: String = "/v1/audio/transcriptions",
        headers: [String: String] = [:]
    ) async throws -> RawClient.Response? {
        try await request("POST", path, headers: form.headers.merging(headers) { $1 }, body: form.body)
    }

    /// Sends JSON.
    func post(
        _ json: String,
        to path: String,
        headers: [String: String] = [:]
    ) async throws -> RawClient.Response? {
        let type = ["Content-Type": "application/json"]
        return try await request("POST", path, headers: type.merging(headers) { $1 }, body: json)
    }

    /// Asks the admin API as the operator.
    func admin(_ method: String, _ path: String, _ json: String = "") async throws -> RawClient.Response? {
        try await request(
            method,
            "/api/admin/\(path)",
            headers: ["Authorization": "Bearer \(Self.rootKey)", "Content-Type": "application/json"],
            body: json
        )
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
