import FoundationEssentials
import Synchronization
import Testing

@testable import ElkModels

@Suite(.timeLimit(.minutes(3)))
struct HubPullTests {
    private typealias Answer = LoopbackServer.Answer

    private let folder: TemporaryFolder
    private let store: ModelStore
    private static let weights: [UInt8] = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    private static let digestOfWeights = "c12fb0010fbd782b0ffcb958d34a9cd29f9c42692ff2f8361f3379ddd0790932"

    init() throws {
        folder = try TemporaryFolder()
        store = ModelStore(folder: folder.path + "/models")
    }

    private func entry(_ sources: [ModelSource]) -> ModelCatalogue.Entry {
        .init("base", .multilingual, bytes: 300_000, sources: sources)
    }

    private func repository(_ name: String = "openai/whisper-base", sha256: String? = nil) -> ModelSource {
        .hub(
            HubRepository(
                name,
                files: [
                    HubFile("config.json"), HubFile("extra.json", isOptional: true),
                    HubFile("model.safetensors", sha256: sha256),
                ]
            )
        )
    }

    private func pull(
        _ entry: ModelCatalogue.Entry,
        from server: LoopbackServer,
        tries: Int = 4,
        report: @escaping @Sendable (ModelPull.Event) -> Void = { _ in }
    ) async throws(ModelStoreError) -> StoredModel {
        var options = ModelPull.Options()
        options.hubAddress = server.address
        options.hubToken = "secret"
        options.pause = .milliseconds(1)
        options.tries = tries
        return try await ModelPull(into: store, options: options, report: report).run(entry, now: 42).model
    }

    /// What a hub that works answers; `weights` may break the largest file.
    private static func answer(
        _ request: LoopbackServer.Request,
        weights: (LoopbackServer.Request) -> Answer = { HubPullTests.ranged($0) }
    ) -> Answer {
        if request.path.hasSuffix("/resolve/main/config.json") {
            return Answer(headers: ["ETag": "\"abc\"", "X-Repo-Commit": "c0ffee"], body: Array("{}".utf8))
        }
        if request.path.hasSuffix("/resolve/main/model.safetensors") { return weights(request) }
        return Answer(status: "404 Not Found")
    }

    private static func ranged(_ request: LoopbackServer.Request, cutAfter: Int? = nil) -> Answer {
        var headers = ["ETag": "\"v1\""]
        guard request.headers["if-range"] == "\"v1\"", let range = request.headers["range"],
            let start = Int(range.dropFirst("bytes=".count).dropLast())
        else { return Answer(headers: headers, body: weights, cutAfter: cutAfter) }
        headers["Content-Range"] = "bytes \(start)-\(weights.count - 1)/\(weights.count)"
        return Answer(
            status: "206 Partial Content",
            headers: headers,
            body: Array(weights[start...]),
            cutAfter: cutAfter
        )
    }

    @Test func `a model comes whole, with its source and hashes written down`() async throws {
        let server = LoopbackServer { Self.answer($0) }
        defer { server.stop() }
        let model = try await pull(entry([repository()]), from: server)
        #expect(fileSize(model.home + "/model.safetensors") == Self.weights.count)
        #expect(model.manifest?.source == "hub openai/whisper-base@c0ffee")
        #expect(model.manifest?.added == 42)
        #expect(try store.verify("base").map(\.verdict) == [.good, .good])
        #expect(folder.names(in: "models/base") == ["config.json", "elk-model.manifest", "model.safetensors"])
        #expect(folder.names(in: "models") == [".lock-base", "base"])
    }

    @Test func `a cut connection is taken up where it broke`() async throws {
        let server = LoopbackServer { request in
            Self.answer(request) { Self.ranged($0, cutAfter: $0.headers["range"] == nil ? 123_456 : nil) }
        }
        defer { server.stop() }
        let model = try await pull(entry([repository()]), from: server, tries: 20)
        let lastRange = server.received.last?.headers["range"]
        let start = try #require(lastRange.flatMap { Int($0.dropFirst("bytes=".count).dropLast()) })
        #expect((1...123_456).contains(start))
        #expect(try sha256(ofFileAt: model.home + "/model.safetensors") == Self.digestOfWeights)
    }

    @Test func `a pull that gave up goes on in the next one`() async throws {
        let broken = LoopbackServer { request in
            Self.answer(request) { Self.ranged($0, cutAfter: 1000) }
        }
        await #expect(throws: ModelStoreError.self) { try await pull(entry([repository()]), from: broken, tries: 1) }
        broken.stop()
        #expect(store.find("base") == nil)
        let part = folder.path + "/models/.partial-base/1/model.safetensors.part"
        // How many bytes reached the disk before the cut is the network's whim.
        try Data(Self.weights.prefix(1000)).write(to: URL(filePath: part))
        #expect(fileSize(part + ".etag") != nil)
        let server = LoopbackServer { Self.answer($0) }
        defer { server.stop() }
        _ = try await pull(entry([repository()]), from: server)
        #expect(server.received.last?.headers["range"] == "bytes=1000-")
        #expect(try store.verify("base").map(\.verdict) == [.good, .good])
    }

    @Test func `a file that changed on the hub is fetched anew`() async throws {
        let server = LoopbackServer { request in
            Self.answer(request) { request in
                request.headers["range"] == nil
                    ? Answer(headers: ["ETag": "\"v0\""], body: Self.weights, cutAfter: 5000)
                    : Answer(headers: ["ETag": "\"v1\""], body: Self.weights)
            }
        }
        defer { server.stop() }
        let model = try await pull(entry([repository()]), from: server)
        #expect(try sha256(ofFileAt: model.home + "/model.safetensors") == Self.digestOfWeights)
    }

    @Test func `a wrong hash in the catalogue refuses the file and leaves no model`() async throws {
        let server = LoopbackServer { Self.answer($0) }
        defer { server.stop() }
        let error = await #expect(throws: ModelStoreError.self) {
            try await pull(entry([repository(sha256: String(repeating: "0", count: 64))]), from: server)
        }
        #expect(error?.code == .damaged)
        #expect(error?.description.contains("model.safetensors from openai/whisper-base does not match") == true)
        #expect(store.find("base") == nil)
        #expect(!folder.names(in: "models/.partial-base/1").contains("model.safetensors.part"))
    }

    @Test func `the hash a redirect announces is checked, and the token stays with the hub`() async throws {
        let storage = LoopbackServer { _ in Answer(headers: ["ETag": "\"v1\""], body: Self.weights) }
        defer { storage.stop() }
        let target = storage.address + "/blob?signature=1"
        let hub = LoopbackServer { request in
            Self.answer(request) { _ in
                Answer(
                    status: "302 Found",
                    headers: ["Location": target, "X-Linked-Etag": "\"\(String(repeating: "a", count: 64))\""]
                )
            }
        }
        defer { hub.stop() }
        let error = await #expect(throws: ModelStoreError.self) { try await pull(entry([repository()]), from: hub) }
        #expect(error?.code == .damaged)
        #expect(hub.received.allSatisfy { $0.headers["authorization"] == "Bearer secret" })
        #expect(storage.received.map { $0.headers["authorization"] } == [nil])
        #expect(storage.received.map(\.path) == ["/blob?signature=1"])
    }

    @Test func `a relative redirect is followed`() async throws {
        let server = LoopbackServer { request in
            if request.path == "/cache/weights" { return Answer(headers: ["ETag": "\"v1\""], body: Self.weights) }
            return Self.answer(request) { _ in
                Answer(
                    status: "307 Temporary Redirect",
                    headers: ["Location": "/cache/weights", "X-Linked-Etag": "\"\(Self.digestOfWeights)\""]
                )
            }
        }
        defer { server.stop() }
        _ = try await pull(entry([repository()]), from: server)
    }

    @Test func `redirects in circles end`() async throws {
        let server = LoopbackServer { Answer(status: "302 Found", headers: ["Location": $0.path]) }
        defer { server.stop() }
        let error = await #expect(throws: ModelStoreError.self) { try await pull(entry([repository()]), from: server) }
        #expect(error?.description.contains("in circles") == true)
    }

    @Test func `a busy hub is asked again`() async throws {
        let asked = Atomic(0)
        let server = LoopbackServer { request in
            asked.add(1, ordering: .relaxed).oldValue == 0
                ? Answer(status: "503 Service Unavailable") : Self.answer(request)
        }
        defer { server.stop() }
        _ = try await pull(entry([repository()]), from: server)
    }

    @Test func `the next source is tried when one has no such model, and the pull says so`() async throws {
        let server = LoopbackServer { request in
            request.path.hasPrefix("/gone/") ? Answer(status: "404 Not Found") : Self.answer(request)
        }
        defer { server.stop() }
        let tried = Mutex<[String]>([])
        let model = try await pull(entry([repository("gone/model"), repository()]), from: server) { event in
            switch event {
            case .trying(let source): tried.withLock { $0.append("trying \(source)") }
            case .failed(let source, _): tried.withLock { $0.append("failed \(source)") }
            case .progress: break
            }
        }
        #expect(
            tried.withLock { $0 } == [
                "trying hub gone/model", "failed hub gone/model", "trying hub openai/whisper-base",
            ]
        )
        #expect(model.manifest?.source.hasPrefix("hub openai/whisper-base") == true)
    }

    @Test func `a hub that is not there fails at once and names itself`() async throws {
        let server = LoopbackServer { Self.answer($0) }
        server.stop()
        let start = ContinuousClock.now
        let error = await #expect(throws: ModelStoreError.self) { try await pull(entry([repository()]), from: server) }
        #expect(error?.code == .unreachable)
        #expect(error?.description.contains("cannot be reached") == true)
        // Far below the patience for a hub that is slow, far above what a busy machine takes.
        #expect(ContinuousClock.now - start < .seconds(20))
    }

    @Test func `an installed model is not fetched again`() async throws {
        try folder.write("hello", to: "models/base/model.bin")
        let server = LoopbackServer { Self.answer($0) }
        defer { server.stop() }
        _ = try await pull(entry([repository()]), from: server)
        #expect(server.received.isEmpty)
    }

    @Test func `progress ends at the size of the file`() async throws {
        let server = LoopbackServer { Self.answer($0) }
        defer { server.stop() }
        let last = Mutex<TransferProgress?>(nil)
        _ = try await pull(entry([repository()]), from: server) { event in
            if case .progress(let progress) = event { last.withLock { $0 = progress } }
        }
        #expect(last.withLock { $0?.bytes } == Self.weights.count)
        #expect(last.withLock { $0?.fraction } == 1)
    }
}
