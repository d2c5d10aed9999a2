import ElkProviders
import ElkWire
import Testing

struct RerankTests {
    private static let body =
        #"{"model":"client-model","query":"q","documents":["a",{"text":"b"}],"top_n":1,"return_documents":true,"overlap_tokens":5}"#

    @Test func `Jina's shape passes`() throws {
        let exchange = try exchange(call(.rerank, Self.body), target("jina"))
        #expect(exchange.request.path == "/v1/rerank")
        #expect(exchange.request.text == Self.body.replacing("client-model", with: "up-model"))
        let answer =
            #"{"model":"up","usage":{"total_tokens":7,"prompt_tokens":7},"results":[{"index":1,"relevance_score":0.9,"document":{"text":"b"}}]}"#
        let outcome = exchange.answer(answer)
        #expect(outcome.text == answer)
        #expect(outcome.usage?.inputTokens == 7)
    }

    @Test func `Cohere's shape is made and completed`() throws {
        let exchange = try exchange(call(.rerank, Self.body), target("cohere"))
        #expect(exchange.request.path == "/v2/rerank")
        #expect(exchange.request.text == #"{"model":"up-model","query":"q","documents":["a","b"],"top_n":1}"#)
        #expect(exchange.dropped == ["overlap_tokens"])
        let outcome = exchange.answer(
            #"{"id":"x","results":[{"index":1,"relevance_score":0.90}],"meta":{"billed_units":{"search_units":1}}}"#
        )
        let answer = try json(outcome.text)
        #expect(answer["results"]?[0]?["document", "text"]?.string == "b")
        #expect(outcome.text.contains(#""relevance_score":0.90"#))
        #expect(answer["model"]?.string == "client-model")
        #expect(answer["usage", "total_tokens"]?.int == 0)
        #expect(outcome.usage?.searches == 1)
    }

    @Test(arguments: [
        #"{"model":"m","documents":[]}"#, #"{"model":"m","query":"q"}"#, #"{"model":"m","query":"q","documents":"a"}"#,
    ])
    func `a wrong request is refused`(body: String) throws {
        #expect(throws: Failure.self) { try exchange(call(.rerank, body), target("jina")) }
    }

    @Test func `an index beyond the documents is left alone`() throws {
        let outcome = try exchange(call(.rerank, Self.body), target("cohere"))
            .answer(#"{"results":[{"index":9,"relevance_score":1},{"index":-1,"relevance_score":1}]}"#)
        #expect(outcome.failure == nil)
    }
}
