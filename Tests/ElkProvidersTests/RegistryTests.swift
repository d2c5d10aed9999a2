import ElkProviders
import ElkWire
import Foundation
import Testing

struct RegistryTests {
    /// `// Catalog/X.swift` declares `static let x = Provider(`, and `x` stands in `all`.
    @Test func `every file in Catalog is in the registry`() throws {
        let sources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "Sources/ElkProviders")
        let registry = try String(contentsOf: sources.appending(path: "Provider+All.swift"), encoding: .utf8)
        let files = try FileManager.default.contentsOfDirectory(atPath: sources.appending(path: "Catalog").path)
            .filter { $0.hasSuffix(".swift") }
        for file in files {
            let text = try String(contentsOf: sources.appending(path: "Catalog/\(file)"), encoding: .utf8)
            let name = try #require(text.firstMatch(of: /static let (\w+) = Provider\(/)?.output.1, "\(file)")
            #expect(registry.contains("        \(name),\n"), "\(file) declares \(name), which is not in all")
        }
        #expect(files.count == Provider.all.count)
    }

    @Test func `ids are unique and found by name`() {
        #expect(Set(Provider.all.map(\.id)).count == Provider.all.count)
        for provider in Provider.all { #expect(Provider.named(provider.id)?.title == provider.title) }
        #expect(Provider.named("nobody") == nil)
    }

    @Test(arguments: Provider.all.map(\.id))
    func `a provider with chat serves every text endpoint`(id: String) throws {
        let provider = try #require(Provider.named(id))
        guard provider.endpoints[.chat] != nil else { return }
        for endpoint in [Endpoint.chat, .completions, .responses, .messages, .geminiGenerate] {
            #expect(provider.canServe(endpoint), "\(id) \(endpoint)")
        }
    }

    @Test(arguments: Provider.all.map(\.id))
    func `the native format is the first choice`(id: String) throws {
        let provider = try #require(Provider.named(id))
        for endpoint in Endpoint.allCases {
            let route = provider.route(for: endpoint)
            if provider.endpoints[endpoint] != nil {
                #expect(route?.upstream == endpoint)
                #expect(route?.isNative == true)
            } else {
                #expect(route?.isNative != true)
            }
        }
    }

    @Test func `what is not declared is not served`() throws {
        #expect(Provider.named("jina")?.canServe(.chat) == false)
        #expect(Provider.named("anthropic")?.canServe(.embeddings) == false)
        #expect(Provider.named("anthropic")?.route(for: .chat)?.upstream == .messages)
        #expect(Provider.named("gemini")?.route(for: .messages)?.upstream == .geminiGenerate)
        #expect(Provider.named("gemini")?.route(for: .embeddings)?.upstream == .geminiEmbed)
        #expect(Provider.named("deepseek")?.route(for: .messages)?.isNative == true)
        let call = try call(.speech, #"{"model":"m","input":"a"}"#)
        #expect(throws: Failure.self) { try exchange(call, try target("anthropic")) }
    }
}
