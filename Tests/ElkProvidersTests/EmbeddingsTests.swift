import ElkProviders
import ElkWire
import Testing

struct EmbeddingsTests {
    private static let floats =
        #"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,-1.0]}],"model":"up","usage":{"prompt_tokens":3,"total_tokens":3}}"#
    /// 0.5 and -1 as little-endian 32-bit floats.
    private static let packed = "AAAAPwAAgL8="

    @Test func `a native answer passes byte for byte`() throws {
        let body = #"{ "input" : "a" , "model" : "client-model" , "future" : 1.50 }"#
        let exchange = try exchange(call(.embeddings, body), target("openai"))
        #expect(exchange.request.text == body.replacing("client-model", with: "up-model"))
        let outcome = exchange.answer(Self.floats, size: 5)
        #expect(outcome.text == Self.floats)
        #expect(outcome.usage?.inputTokens == 3)
        #expect(outcome.isComplete)
    }

    @Test func `floats are packed for a client that wants base64`() throws {
        let body = #"{"model":"client-model","input":["a"],"encoding_format":"base64"}"#
        let ollama = try exchange(call(.embeddings, body), target("ollama"))
        #expect(!ollama.request.text.contains("encoding_format"))
        let openAI = try exchange(call(.embeddings, body), target("openai"))
        #expect(openAI.request.text.contains(#""encoding_format":"base64""#))
        // Also where the upstream should have understood the wish and did not.
        for exchange in [ollama, openAI] {
            let answer = try json(exchange.answer(Self.floats).text)
            #expect(answer["data"]?[0]?["embedding"]?.string == Self.packed)
            #expect(answer["model"]?.string == "client-model")
            #expect(answer["usage", "prompt_tokens"]?.int == 3)
        }
    }

    @Test func `base64 is unpacked for a client that wants floats`() throws {
        let exchange = try exchange(call(.embeddings, #"{"model":"m","input":"a"}"#), target("openai"))
        let outcome = exchange.answer(Self.floats.replacing("[0.5,-1.0]", with: "\"\(Self.packed)\""))
        let vector = try #require(try json(outcome.text)["data"]?[0]?["embedding"])
        #expect(vector.elements.compactMap(\.double) == [0.5, -1])
    }

    @Test func `Gemini embeds for OpenAI's clients`() throws {
        let body = #"{"model":"client-model","input":["a","b\n"],"dimensions":2}"#
        let exchange = try exchange(call(.embeddings, body), target("gemini", model: "gemini-embedding-001"))
        #expect(exchange.request.path == "/v1beta/models/gemini-embedding-001:batchEmbedContents")
        #expect(
            exchange.request.text
                == #"{"requests":[{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"a"}]},"outputDimensionality":2},{"model":"models/gemini-embedding-001","content":{"parts":[{"text":"b\n"}]},"outputDimensionality":2}]}"#
        )
        let outcome = exchange.answer(#"{"embeddings":[{"values":[0.5,1e-3]},{"values":[1,2]}]}"#)
        #expect(
            outcome.text
                == #"{"object":"list","data":[{"object":"embedding","index":0,"embedding":[0.5,1e-3]},{"object":"embedding","index":1,"embedding":[1,2]}],"model":"client-model","usage":{"prompt_tokens":1,"total_tokens":1}}"#
        )
        #expect(outcome.usage?.source == .estimated)
    }

    @Test func `OpenAI's kind embeds for Gemini's clients`() throws {
        let one = try exchange(
            call(
                .geminiEmbed,
                #"{"model":"models/x","content":{"parts":[{"text":"a"},{"text":"b"}]},"taskType":"CLUSTERING"}"#
            ),
            target("openai")
        )
        #expect(one.request.path == "/v1/embeddings")
        #expect(one.request.text == #"{"model":"up-model","input":["ab"]}"#)
        #expect(one.dropped == ["taskType"])
        #expect(one.answer(Self.floats).text == #"{"embedding":{"values":[0.5,-1.0]}}"#)

        let batch = try exchange(
            call(.geminiEmbed, #"{"requests":[{"content":{"parts":[{"text":"a"}]},"outputDimensionality":8}]}"#),
            target("openai")
        )
        #expect(batch.request.text == #"{"model":"up-model","input":["a"],"dimensions":8}"#)
        #expect(batch.answer(Self.floats).text == #"{"embeddings":[{"values":[0.5,-1.0]}]}"#)
    }

    @Test func `Gemini's own bodies pass, but for the model's name`() throws {
        let exchange = try exchange(
            call(.geminiEmbed, #"{"model":"models/client-model","content":{"parts":[{"text":"a"}]},"taskType":"X"}"#),
            target("gemini", model: "up")
        )
        #expect(exchange.request.path == "/v1beta/models/up:embedContent")
        #expect(exchange.request.text == #"{"model":"models/up","content":{"parts":[{"text":"a"}]},"taskType":"X"}"#)
        let answer = #"{"embedding":{"values":[1]}}"#
        #expect(exchange.answer(answer).text == answer)
    }

    @Test func `Cohere embeds`() throws {
        let body = #"{"model":"client-model","input":"a","encoding_format":"base64","input_type":"search_query"}"#
        let exchange = try exchange(call(.embeddings, body), target("cohere"))
        #expect(exchange.request.path == "/v2/embed")
        #expect(
            exchange.request.text
                == #"{"model":"up-model","input_type":"search_query","embedding_types":["float"],"texts":["a"]}"#
        )
        let outcome = exchange.answer(
            #"{"id":"x","embeddings":{"float":[[0.5,-1]]},"meta":{"billed_units":{"input_tokens":2}}}"#
        )
        #expect(try json(outcome.text)["data"]?[0]?["embedding"]?.string == Self.packed)
        #expect(outcome.usage?.inputTokens == 2)
    }

    @Test func `tokens go up where they are understood and are refused elsewhere`() throws {
        let body = #"{"model":"m","input":[[1,2],[3]]}"#
        #expect(try exchange(call(.embeddings, body), target("openai", model: "m")).request.text == body)
        for provider in ["gemini", "cohere"] {
            #expect(throws: Failure.self) { try exchange(call(.embeddings, body), target(provider)) }
        }
    }

    @Test(arguments: [
        #"{"model":"m"}"#, #"{"model":"m","input":[]}"#, #"{"model":"m","input":5}"#, #"{"model":"m","input":[{}]}"#,
        #"{"model":"m","input":"a","encoding_format":"hex"}"#, #"["m"]"#,
    ])
    func `a wrong request is refused before it goes up`(body: String) throws {
        #expect(throws: Failure.self) { try exchange(call(.embeddings, body), target("openai")) }
    }

    @Test(arguments: ["{}", "[]", "nonsense", #"{"data":[]}"#, #"{"data":[{"embedding":["x"]}]}"#])
    func `an answer without vectors is the upstream's fault`(answer: String) throws {
        let body = #"{"model":"m","input":"a","encoding_format":"base64"}"#
        let outcome = try exchange(call(.embeddings, body), target("ollama")).answer(answer)
        #expect(outcome.failure?.kind == .upstream && outcome.text.isEmpty)
    }
}
