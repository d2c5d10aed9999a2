import ElkWire
import NIOCore
import Testing

struct UsageTests {
    @Test func `counts from upstreams are clamped`() {
        var usage = Usage(inputTokens: -5, outputTokens: Int.max)
        #expect(usage.inputTokens == 0)
        #expect(usage.outputTokens == Usage.limit)
        usage.images = Int.min
        usage.requests = Int.max
        #expect(usage.images == 0)
        #expect(usage.requests == Usage.limit)
        #expect(usage.totalTokens == Usage.limit)
    }

    @Test func `the total holds every kind of input once`() {
        let usage = Usage(
            inputTokens: 1,
            cacheReadTokens: 10,
            cacheWriteTokens: 100,
            cacheWriteLongTokens: 1000,
            audioInputTokens: 1,
            outputTokens: 10_000
        )
        #expect(usage.totalInput == 1111)
        #expect(usage.totalTokens == 11_111)
    }

    @Test func `merging keeps the greater count`() {
        var usage = Usage(inputTokens: 10, cacheReadTokens: 3, outputTokens: 1)
        usage.merge(Usage(inputTokens: 0, outputTokens: 7, reasoningTokens: 2, searches: 1))
        #expect(usage == Usage(inputTokens: 10, cacheReadTokens: 3, outputTokens: 7, reasoningTokens: 2, searches: 1))
    }
}

struct EndpointTests {
    @Test func `every endpoint has the dialect of its path`() {
        #expect(Endpoint.messages.dialect == .anthropic)
        #expect(Endpoint.countTokens.dialect == .anthropic)
        #expect(Endpoint.geminiGenerate.dialect == .gemini)
        #expect(Endpoint.geminiEmbed.dialect == .gemini)
        #expect(Endpoint.allCases.filter { $0.dialect == .openAI }.count == Endpoint.allCases.count - 5)
    }
}

struct TokenEstimateTests {
    /// Counted with o200k and cl100k.
    @Test(arguments: [
        ("The quick brown fox jumps over the lazy dog. It was not amused by this at all, and said so.", 22, 22),
        ("func add(_ a: Int, _ b: Int) -> Int {\n    return a + b\n}\n", 22, 22),
        ("人工智能正在改变我们的工作方式。越来越多的公司使用大型语言模型。", 20, 31),
        ("Искусственный интеллект меняет то, как мы работаем.", 11, 22),
    ])
    func `an estimate is near what vocabularies count`(text: String, newer: Int, older: Int) {
        let estimate = TokenEstimate.tokens(of: text)
        #expect(Double(estimate) > Double(newer) * 0.75)
        #expect(Double(estimate) < Double(older) * 1.4)
        #expect(TokenEstimate.tokens(of: ByteBuffer(string: text)) == estimate)
    }

    @Test func `nothing is no tokens, and anything is one at least`() {
        #expect(TokenEstimate.tokens(of: "") == 0)
        #expect(TokenEstimate.tokens(of: "a") == 1)
        #expect(TokenEstimate.tokens(inUTF8: 0) == 0)
        #expect(TokenEstimate.tokens(inUTF8: -1) == 0)
        #expect(TokenEstimate.tokens(inUTF8: 5) == 2)
        #expect(TokenEstimate.tokens(inUTF8: Int.max) == Int.max / 4 + 1)
    }
}

struct ModelNameTests {
    @Test(arguments: [
        "gpt-4o", "meta-llama/Llama-3.1-8B-Instruct", "qwen2.5:0.5b", "@cf/meta/llama", "models/gemini-2.5-pro",
        "ft:gpt-4o:org::id", "a+b",
        "模型", "claude-3-5-sonnet@20240620",
    ])
    func `names that providers use pass`(name: String) throws {
        #expect(ModelName.isValid(name))
        #expect(try ModelName.checked(name) == name)
    }

    @Test(arguments: [
        "", "..", "a/../b", "a..b", "/a", "a/", "a//b", "a b", "a\n", "a\u{0}", "a\u{7F}", "a?b", "a#b", "a%2e", "a\\b",
        "a\"b", " a", "a\u{85}b",
        "a\u{202E}b", String(repeating: "a", count: 257),
    ])
    func `names that could change an address or a log line are refused`(name: String) {
        #expect(!ModelName.isValid(name))
        #expect(throws: Failure.self) { try ModelName.checked(name) }
    }

    @Test func `a missing name says so`() {
        let failure = #expect(throws: Failure.self) { try ModelName.checked(nil) }
        #expect(failure?.status == 400)
        #expect(failure?.parameter == "model")
    }
}

struct ClientRequestIDTests {
    @Test(arguments: ["a", "req_1-Z", String(repeating: "x", count: 64)])
    func `a client may name its request`(text: String) {
        #expect(RequestID(client: text)?.description == text)
    }

    @Test(arguments: ["", "a b", "a\n", "é", "a.b", "a/b", String(repeating: "x", count: 65)])
    func `anything but letters, digits, dash and underscore is refused`(text: String) {
        #expect(RequestID(client: text) == nil)
    }
}
