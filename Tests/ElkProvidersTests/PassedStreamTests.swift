import ElkProviders
import ElkWire
import NIOCore
import Testing

/// Streams in the client's own format.
struct PassedStreamTests {
    private static let chatStream = """
        : heartbeat

        data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"role":"assistant","content":""},"finish_reason":null}],"usage":null}

        data: {"id":"c","choices":[{"index":0,"delta":{"content":"h\\u00e9 \\"ü\\""},"finish_reason":null}],"usage":null}

        data: {"id":"c","choices":[{"index":0,"delta":{"tool_calls":[{"index":0,"function":{"name":"f","arguments":"{}"}}]},"finish_reason":"stop"}],"usage":null}

        data: {"id":"c","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":5}}}

        data: [DONE]


        """

    private static let usageChunk =
        #"data: {"id":"c","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":4,"total_tokens":13,"prompt_tokens_details":{"cached_tokens":5}}}"#
        + "\n\n"

    private static func chat(_ options: String = "") throws -> Exchange {
        let body = #"{"model":"client-model","messages":[{"role":"user","content":"a"}],"stream":true\#(options)}"#
        return try exchange(call(.chat, body, streams: true), target("openai"))
    }

    @Test(arguments: [1, 2, 3, 7, 64, 4096])
    func `a stream passes byte for byte however it is cut`(size: Int) throws {
        let exchange = try Self.chat(#","stream_options":{"include_usage":true}"#)
        for stream in [Self.chatStream, Self.chatStream.replacing("\n", with: "\r\n")] {
            let outcome = exchange.stream(stream, size: size)
            #expect(outcome.text == stream)
            #expect(outcome.isComplete && outcome.failure == nil)
            #expect(outcome.usage?.inputTokens == 4)
            #expect(outcome.usage?.cacheReadTokens == 5)
            #expect(outcome.usage?.outputTokens == 4)
            // hé "ü", f and {}.
            #expect(outcome.delivered == 3 + 1 + 4 + 1 + 2)
        }
    }

    @Test func `a stream cut in two at every byte is the same`() throws {
        let exchange = try Self.chat()
        let whole = exchange.stream(Self.chatStream)
        for cut in 1..<Self.chatStream.utf8.count {
            var translator = exchange.reply(status: 200, headers: [("content-type", "text/event-stream")])
            var out = ByteBufferPair(Self.chatStream, cut)
            try translator.consume(out.first, into: &out.out)
            try translator.consume(out.second, into: &out.out)
            try translator.finish(into: &out.out)
            #expect(String(buffer: out.out) == whole.text)
            #expect(translator.usage == whole.usage)
        }
    }

    @Test func `usage that only we asked for does not reach the client`() throws {
        let exchange = try Self.chat()
        #expect(exchange.request.text.contains(#""stream_options":{"include_usage":true}"#))
        let outcome = exchange.stream(Self.chatStream)
        #expect(outcome.text == Self.chatStream.replacing(Self.usageChunk, with: ""))
        #expect(outcome.usage?.totalInput == 9)
    }

    @Test func `a stream that ends before its terminal event is cut and gets no terminator`() throws {
        let exchange = try Self.chat()
        let start = #"data: {"choices":[{"index":0,"delta":{"content":"a"},"finish_reason":null}]}"# + "\n\n"
        let outcome = exchange.stream(start)
        #expect(outcome.failure?.kind == .upstream)
        #expect(!outcome.isComplete)
        #expect(outcome.text.hasPrefix(start))
        #expect(outcome.text.contains(#"data: {"error":{"#))
        #expect(!outcome.text.contains("[DONE]"))
    }

    @Test func `an end without DONE is whole when every choice has finished`() throws {
        let end = #"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}"# + "\n\n"
        #expect(try Self.chat().stream(end).isComplete)
        // The last blank line is forgotten by some servers.
        let bare = String(end.dropLast(2))
        let outcome = try Self.chat().stream(bare)
        #expect(outcome.isComplete && outcome.text == bare)
    }

    @Test func `an error inside a stream is a failure with a verdict and does not pass`() throws {
        let error =
            #"data: {"error":{"message":"overloaded at https://secret.example","type":"overloaded_error","code":529}}"#
        let outcome = try Self.chat().stream(error + "\n\n")
        #expect(outcome.upstream?.reason == .overloaded)
        #expect(outcome.upstream?.verdict == .retryOtherChannel)
        #expect(!outcome.text.contains("secret.example"))
    }

    @Test func `DONE inside text is text`() throws {
        let chunk =
            #"data: {"choices":[{"index":0,"delta":{"content":"data: [DONE]\n\n"},"finish_reason":null}]}"# + "\n\n"
        #expect(try Self.chat().stream(chunk).failure != nil)
    }

    @Test func `forged usage is clamped`() throws {
        let chunk =
            #"data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}],"usage":{"prompt_tokens":-5,"completion_tokens":9223372036854775807,"prompt_tokens_details":{"cached_tokens":99}}}"#
            + "\n\ndata: [DONE]\n\n"
        let usage = try #require(try Self.chat().stream(chunk).usage)
        #expect(usage.inputTokens == 0 && usage.cacheReadTokens == 0)
        #expect(usage.outputTokens == Usage.limit)
    }

    @Test func `an endless line is refused`() throws {
        let outcome = try Self.chat().stream(
            "data: " + String(repeating: "a", count: ReplyLimits.event + 9),
            size: 1 << 20
        )
        #expect(outcome.failure?.kind == .upstream)
    }

    @Test func `a document instead of a stream is read as the error that it is`() throws {
        let outcome = try Self.chat().answer(#"{"error":{"message":"no","code":"insufficient_quota"}}"#)
        #expect(outcome.upstream?.reason == .quotaExhausted)
        let other = try Self.chat().answer(#"{"id":"x","choices":[]}"#)
        #expect(other.failure?.kind == .upstream && other.text.isEmpty)
    }

    @Test(arguments: [1, 5, 4096])
    func `messages pass and are measured`(size: Int) throws {
        let stream = """
            event: message_start
            data: {"type":"message_start","message":{"id":"m","usage":{"input_tokens":9,"cache_read_input_tokens":3,"cache_creation_input_tokens":2,"output_tokens":1}}}

            event: ping
            data: {"type":"ping"}

            event: content_block_delta
            data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"abc"}}

            event: message_delta
            data: {"type":"message_delta","delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":4}}

            event: message_stop
            data: {"type":"message_stop"}


            """
        let body = #"{"model":"client-model","max_tokens":5,"messages":[],"stream":true}"#
        let exchange = try exchange(call(.messages, body, streams: true), target("anthropic"))
        let outcome = exchange.stream(stream, size: size)
        #expect(outcome.text == stream && outcome.isComplete)
        #expect(outcome.usage?.inputTokens == 9)
        #expect(outcome.usage?.cacheReadTokens == 3)
        #expect(outcome.usage?.cacheWriteTokens == 2)
        #expect(outcome.usage?.outputTokens == 4)
        #expect(outcome.delivered == 3)

        let failing =
            #"event: error"# + "\n" + #"data: {"type":"error","error":{"type":"overloaded_error","message":"x"}}"#
            + "\n\n"
        let failed = exchange.stream(failing, size: size)
        #expect(failed.upstream?.reason == .overloaded)
        #expect(failed.text.hasPrefix("event: error\ndata: {\"type\":\"error\""))
    }

    @Test func `responses pass, and a failed one is a failure`() throws {
        let body = #"{"model":"client-model","input":"a","stream":true}"#
        let exchange = try exchange(call(.responses, body, streams: true), target("openai"))
        let begin =
            #"event: response.created"# + "\n"
            + #"data: {"type":"response.created","sequence_number":0,"response":{"id":"r","error":null}}"# + "\n\n"
        let delta =
            #"event: response.output_text.delta"# + "\n"
            + #"data: {"type":"response.output_text.delta","sequence_number":1,"delta":"ab"}"# + "\n\n"
        let end =
            #"event: response.incomplete"# + "\n"
            + #"data: {"type":"response.incomplete","sequence_number":2,"response":{"id":"r","error":null,"usage":{"input_tokens":7,"output_tokens":2,"total_tokens":9}}}"#
            + "\n\n"
        let outcome = exchange.stream(begin + delta + end)
        #expect(outcome.text == begin + delta + end && outcome.isComplete)
        #expect(outcome.usage?.inputTokens == 7 && outcome.delivered == 2)

        let failed =
            #"data: {"type":"response.failed","sequence_number":2,"response":{"id":"r","error":{"code":"rate_limit_exceeded","message":"slow"}}}"#
            + "\n\n"
        let broken = exchange.stream(begin + delta + failed)
        #expect(broken.upstream?.reason == .rateLimited)
        #expect(broken.text.hasPrefix(begin + delta))
        #expect(broken.text.contains(#""type":"error","sequence_number":3"#))
    }

    @Test func `Gemini passes as events or as an array`() throws {
        let chunks = [
            #"{"candidates":[{"content":{"role":"model","parts":[{"text":"a"}]}}],"usageMetadata":{"promptTokenCount":5}}"#,
            #"{"candidates":[{"content":{"parts":[]},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":5,"candidatesTokenCount":2,"thoughtsTokenCount":3}}"#,
        ]
        let stream = chunks.map { "data: \($0)\r\n\r\n" }.joined()
        let body = #"{"contents":[{"parts":[{"text":"a"}]}]}"#
        let events = try exchange(call(.geminiGenerate, body, streams: true, query: "alt=sse"), target("gemini"))
        #expect(events.stream(stream, size: 3).text == stream)
        let array = try exchange(call(.geminiGenerate, body, streams: true), target("gemini"))
        let outcome = array.stream(stream, size: 3)
        #expect(outcome.contentType == "application/json")
        #expect(outcome.text == "[" + chunks.joined(separator: ",\r\n") + "]")
        #expect(outcome.usage?.outputTokens == 5 && outcome.usage?.reasoningTokens == 3)
        let cut = array.stream("data: \(chunks[0])\n\n")
        #expect(cut.failure != nil && cut.text.hasSuffix("]"))
        #expect(try json(cut.text).elements.map { $0["error"] != nil } == [false, true])
    }
}
