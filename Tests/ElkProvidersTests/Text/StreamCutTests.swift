import ElkWire
import NIOCore
import Testing

@testable import ElkProviders

/// Streams arrive in pieces of any size, and sometimes not to the end.
struct StreamCutTests {
    private static let pairs: [(client: any TextFixture.Type, upstream: any TextFixture.Type)] = textFixtures.flatMap {
        client in textFixtures.filter { $0.format != client.format }.map { (client, $0) }
    }

    private static let names = pairs.map { "\($0.client.format.rawValue) to \($0.upstream.format.rawValue)" }

    private func pair(_ name: String) throws -> (client: any TextFixture.Type, upstream: any TextFixture.Type) {
        try #require(zip(Self.names, Self.pairs).first { $0.0 == name }?.1)
    }

    private func run(_ name: String, _ textCase: TextCase) throws -> (run: TextRun, stream: String) {
        let (client, upstream) = try pair(name)
        let run = TextRun(
            client.format,
            to: upstream.format,
            model: upstream.model(textCase),
            client.request(textCase)
        )
        return (run, upstream.stream(textCase))
    }

    @Test(arguments: names, [TextCase.text, .parallelTools, .reasoning, .error])
    func `pieces of any size give the same output`(_ name: String, _ textCase: TextCase) throws {
        let (run, stream) = try run(name, textCase)
        let whole = try run.stream(stream)
        for size in [1, 2, 3, 7, 64] {
            let streamed = try run.stream(stream, pieces: size)
            #expect(streamed.text == whole.text)
            #expect(streamed.usage == whole.usage)
        }
    }

    @Test(arguments: names)
    func `a cut at any byte changes nothing`(_ name: String) throws {
        let (run, stream) = try run(name, .usage)
        let whole = try run.stream(stream)
        for cut in 0...stream.utf8.count {
            let streamed = try run.stream(stream, cut: cut)
            guard streamed.text == whole.text, streamed.usage == whole.usage else {
                Issue.record("cut at \(cut): \(streamed.text)")
                return
            }
        }
    }

    @Test(arguments: names)
    func `a stream that breaks off is a failure and never ends as if it were whole`(_ name: String) throws {
        let (run, stream) = try run(name, .parallelTools)
        let (client, _) = try pair(name)
        let bytes = Array(stream.utf8)
        // The last event may lack its empty line, and then it still counts.
        let lastEvent = stream.components("\n\n").dropLast().joined(separator: "\n\n").utf8.count
        var wholes = 0
        // A stream of one event is cut within it.
        for length in stride(from: 5, to: max(lastEvent, bytes.count / 2), by: 11) {
            let streamed = try run.stream(String(decoding: bytes[..<length], as: UTF8.self))
            guard let failure = streamed.failure else {
                // Chat ends with its last finish reason, Gemini does by design.
                wholes += 1
                #expect(streamed.isComplete)
                continue
            }
            #expect(failure.kind == .upstream)
            #expect(!streamed.isComplete)
            #expect(!streamed.text.contains("[DONE]") && !streamed.text.contains("message_stop"))
            if streamed.text.contains("event: message_start") || streamed.text.contains("chat.completion.chunk") {
                #expect(client.faults(in: streamed.text, isComplete: false).filter { $0.hasPrefix("ends") } == [])
            }
        }
        #expect(wholes < 60)
    }

    @Test func `characters split over pieces stay whole`() throws {
        let run = TextRun(.anthropicMessages, to: .openAIChat, MessagesFixture.request(.stream))
        let delta = #"{"id":"1","model":"m","choices":[{"index":0,"delta":{"content":"🦌é"},"finish_reason":"stop"}]}"#
        let streamed = try run.stream(events(delta, "[DONE]"), pieces: 1)
        #expect(streamed.text.contains(#""text":"🦌é""#))
        #expect(streamed.delivered == 6)
    }

    @Test func `bytes that are no UTF-8 fail the stream`() throws {
        var reply = TranslatedReply(
            StreamTranslation(reader: ChatFormat.makeReader(), writer: MessagesFormat.makeWriter(try context())),
            failures: .standard
        )
        var out = ByteBuffer()
        var chunk = ByteBuffer(string: #"data: {"choices":[{"index":0,"delta":{"content":""#)
        chunk.writeBytes([0xC3, 0x28])
        chunk.writeString("\"}}]}\n\n")
        let failure = #expect(throws: Failure.self) { try reply.consume(chunk, into: &out) }
        #expect(failure?.kind == .upstream)
        #expect(out.readableBytes == 0)
    }

    @Test func `a line without an end is refused at a limit`() throws {
        var reply = TranslatedReply(
            StreamTranslation(reader: ChatFormat.makeReader(), writer: MessagesFormat.makeWriter(try context())),
            failures: .standard
        )
        var out = ByteBuffer()
        let chunk = ByteBuffer(repeating: UInt8(ascii: "x"), count: 1 << 20)
        var failure: Failure?
        for _ in 0..<10 where failure == nil {
            do throws(Failure) { try reply.consume(chunk, into: &out) } catch { failure = error }
        }
        #expect(failure?.kind == .upstream)
    }

    private func context() throws -> AnswerContext {
        AnswerContext(
            model: "m",
            id: "1",
            created: 1,
            wantsStreamUsage: true,
            countedInput: 5,
            request: try JSONSlice("{}")
        )
    }
}
