import ElkWire
import NIOCore
import Testing

@testable import ElkProviders

/// What Messages clients see of answers that come from elsewhere.
struct MessagesStreamWriterTests {
    private func written(_ events: [AnswerEvent]) throws -> String {
        var writer = MessagesStreamWriter(
            AnswerContext(
                model: "asked",
                id: "r1",
                created: 1,
                wantsStreamUsage: true,
                countedInput: 12,
                request: try JSONSlice("{}")
            )
        )
        var out = ByteBuffer()
        for event in events { writer.write(event, into: &out) }
        return String(buffer: out)
    }

    private let start = AnswerEvent.start(.init(id: "", model: ""))

    @Test func `the start shows our own count where the upstream has not said one yet`() throws {
        let text = try written([
            start, .partStart(choice: 0, index: 0, .text), .partDelta(choice: 0, index: 0, .text("hi")),
        ])
        #expect(text.contains(#""id":"msg_r1""#))
        #expect(text.contains(#""model":"asked""#))
        #expect(
            text.contains(
                #""usage":{"input_tokens":12,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":1}"#
            )
        )
    }

    @Test func `the start waits for the upstream's count when that comes first`() throws {
        let text = try written([
            start, .usage(Usage(inputTokens: 7, cacheReadTokens: 3)), .partStart(choice: 0, index: 0, .text),
            .partDelta(choice: 0, index: 0, .text("hi")),
        ])
        #expect(text.contains(#""input_tokens":7,"cache_creation_input_tokens":0,"cache_read_input_tokens":3"#))
    }

    @Test func `parts that stay empty open no block`() throws {
        let text = try written([
            start, .partStart(choice: 0, index: 0, .text), .partStop(choice: 0, index: 0),
            .partStart(choice: 0, index: 1, .toolCall(id: "a", name: "f", isCustom: false, seal: nil)),
            .partStop(choice: 0, index: 1), .finish(choice: 0, .toolCalls, stopSequence: nil), .end,
        ])
        #expect(MessagesFixture.faults(in: text, isComplete: true) == [])
        #expect(text.components("content_block_start").count == 3)
        #expect(text.contains(#""partial_json":"""#))
    }

    @Test func `without usage, output is counted from what went by`() throws {
        let text = try written([
            start, .partStart(choice: 0, index: 0, .text),
            .partDelta(choice: 0, index: 0, .text("twenty bytes of text")), .partStop(choice: 0, index: 0),
            .finish(choice: 0, .endOfTurn, stopSequence: nil), .end,
        ])
        #expect(
            text.contains(
                #""input_tokens":12,"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"output_tokens":5}"#
            )
        )
    }

    @Test func `a seal of another format travels in a thought before the call`() throws {
        let text = try written([
            start,
            .partStart(
                choice: 0,
                index: 0,
                .toolCall(id: "a", name: "f", isCustom: false, seal: Seal("abc", of: .geminiGenerate))
            ), .partStop(choice: 0, index: 0), .finish(choice: 0, .toolCalls, stopSequence: nil), .end,
        ])
        #expect(MessagesFixture.faults(in: text, isComplete: true) == [])
        #expect(text.contains(#""signature":"elk.geminiGenerate.abc""#))
    }

    @Test func `free text becomes one JSON member`() throws {
        let text = try written([
            start, .partStart(choice: 0, index: 0, .toolCall(id: "a", name: "f", isCustom: true, seal: nil)),
            .partDelta(choice: 0, index: 0, .text("say \"")), .partDelta(choice: 0, index: 0, .text("hi\"\n")),
            .partStop(choice: 0, index: 0), .finish(choice: 0, .toolCalls, stopSequence: nil), .end,
        ])
        let answer = try TextFormat.anthropicMessages.collect(text).answer
        #expect(AnswerSummary(answer).parts == [#"call f {"input":"say \"hi\"\n"}"#])
    }
}
