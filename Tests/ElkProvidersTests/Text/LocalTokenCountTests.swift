import ElkWire
import NIOCore
import Testing

@testable import ElkProviders

struct LocalTokenCountTests {
    private func count(_ body: String, _ format: TextFormat = .anthropicMessages) throws -> Int {
        let answer = try LocalTokenCount.answer(JSONSlice(body), format)
        return try #require(try JSONSlice(validating: answer)["input_tokens"]?.int)
    }

    @Test func `a body without max_tokens is counted`() throws {
        let count = try count(#"{"model":"m","messages":[{"role":"user","content":"Hello, world"}]}"#)
        #expect((5...20).contains(count))
    }

    @Test func `an image does not count by its length`() throws {
        let data = String(repeating: "A", count: 400_000)
        let count = try count(
            """
            {"model":"m","messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64",\
            "media_type":"image/png","data":"\(data)"}}]}]}
            """
        )
        #expect((500...2000).contains(count))
    }

    @Test func `tools count`() throws {
        let plain = #""messages":[{"role":"user","content":"Hi"}]"#
        let tool =
            #""tools":[{"name":"f","description":"Finds things in a large store.","input_schema":{"type":"object"}}]"#
        #expect(try count(#"{"model":"m",\#(plain),\#(tool)}"#) > count(#"{"model":"m",\#(plain)}"#) + 10)
    }
}
