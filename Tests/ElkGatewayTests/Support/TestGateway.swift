import ElkGateway
import ElkProviders
import ElkStorage
import ElkTestSupport
import ElkWire
import Logging
import NIOCore
import Synchronization

/// A gateway on a database in memory, with channels to scripted upstreams and no key configured: everybody is the operator.
final class TestGateway: Sendable {
    static let secret = "sk-upstream-canary-0123456789"

    let gateway: Gateway
    let store: Store
    let settlement: Settlement
    let records: Records

    /// What the observer was told.
    final class Records: Sendable {
        private let state = Mutex<[RelayRecord]>([])
        var all: [RelayRecord] { state.withLock { $0 } }
        func append(_ record: RelayRecord) { state.withLock { $0.append(record) } }
    }

    init(
        channels: [ElkStorage.Channel],
        prices: [Price] = [],
        upstream: UpstreamConfiguration = .quick,
        settings: Gateway.Settings = Gateway.Settings(),
        transcriber: (any Transcriber)? = nil
    ) async throws {
        let store = try await Store.open(
            .memory,
            masterKey: Secret("a master key for tests, long enough"),
            now: TimeSource.system.now
        )
        for channel in channels { try await store.createChannel(channel) }
        if !prices.isEmpty { try await store.savePrices(prices) }
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        settlement = Settlement(store: store, node: "test", logger: logger)
        let catalogs = Catalogs(settlement: settlement)
        try await CatalogLoader(store: store, catalogs: catalogs, settlement: settlement, logger: logger).reload()
        var admission = Admission.Settings()
        admission.isLoopback = true
        var settings = settings
        settings.terms.timeouts.connect = .seconds(60)
        let records = Records()
        gateway = Gateway(
            catalogs: catalogs,
            admission: Admission(catalogs: catalogs, settlement: settlement, settings: admission),
            upstream: HTTPUpstream(configuration: upstream),
            transcriber: transcriber,
            settings: settings,
            observer: { records.append($0) }
        )
        (self.store, self.records) = (store, records)
    }

    /// Asks for a chat as the operator.
    func chat(_ model: String = "m", stream: Bool = false, id: RequestID = RequestID()) async throws -> Reply {
        try await gateway.handle(.chat(model, stream: stream, id: id), from: Client(address: "127.0.0.1"))
    }

    /// The settled rows, once as many as wanted have been written.
    func rows(_ count: Int = 1) async throws -> [UsageRow] {
        for _ in 0..<500 {
            await settlement.step()
            if settlement.counters.written >= count { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        var rows: [UsageRow] = []
        for record in records.all {
            rows.append(try await store.usage(id: record.call.id.description, owner: nil))
        }
        return rows
    }
}

extension UpstreamConfiguration {
    /// Timeouts to a hundredth of a second.
    static var quick: UpstreamConfiguration {
        var configuration = UpstreamConfiguration()
        configuration.tick = .milliseconds(10)
        return configuration
    }
}

extension Call {
    static func chat(_ model: String = "m", stream: Bool = false, id: RequestID = RequestID()) throws -> Call {
        let body =
            #"{"model":"\#(model)","messages":[{"role":"user","content":"Hello"}]\#(stream ? #","stream":true"# : "")}"#
        return Call(
            id: id,
            endpoint: .chat,
            dialect: .openAI,
            model: model,
            streams: stream,
            body: .json(try JSONSlice(validating: ByteBuffer(string: body)))
        )
    }
}

extension ElkStorage.Channel {
    /// A channel to the scripted upstream, serving the model `m`.
    static func to(
        _ upstream: FakeUpstream,
        named name: String = "a",
        keys: [String] = [TestGateway.secret],
        priority: Int = 0,
        options: String = "{}"
    ) -> ElkStorage.Channel {
        ElkStorage.Channel(
            id: name,
            name: name,
            provider: "openai",
            baseURL: upstream.url + "/v1",
            keys: keys.map { Secret($0) },
            models: ["m"],
            priority: priority,
            options: options,
            created: 0
        )
    }
}

/// Answers in the shape of OpenAI's chat.
enum Chat {
    static let whole =
        #"{"id":"c","object":"chat.completion","created":1,"model":"m","choices":[{"index":0,"message":{"role":"assistant","content":"Hi"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"#

    static func delta(_ text: String) -> String {
        #"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{"content":"\#(text)"},"finish_reason":null}]}"#
            + "\n\n"
    }

    static let last =
        #"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"#
        + "\n\n"
    static let usage =
        #"data: {"id":"c","object":"chat.completion.chunk","created":1,"model":"m","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":2,"total_tokens":5}}"#
        + "\n\n"
    static let done = "data: [DONE]\n\n"

    static func stream(_ texts: [String] = ["Hel", "lo"]) -> [String] { texts.map(delta) + [last, usage, done] }
}

extension Reply {
    /// The whole body, streamed or not.
    func text() async throws -> String {
        switch body {
        case .whole(let bytes): return String(buffer: bytes)
        case .stream(let stream):
            var text = ""
            while let chunk = try await stream.next() { text += String(buffer: chunk) }
            return text
        }
    }

    func header(_ name: String) -> String? { headers.first { $0.name == name }?.value }

    var stream: (any ReplyStream)? {
        if case .stream(let stream) = body { stream } else { nil }
    }
}
