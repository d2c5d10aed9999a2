import ElkWire
import NIOCore
import Testing

@testable import ElkGateway

struct ResponseLinkTests {
    @Test func `a whole answer says which one it goes on from, and all else of it stays`() {
        var link = ResponseLink(previous: "resp_1", streams: false)
        let first = link.pass(ByteBuffer(string: #"{"id":"resp_2", "previous_"#))
        let second = link.pass(ByteBuffer(string: #"response_id":null,"n":1.50}"#))
        #expect(first.readableBytes == 0 && second.readableBytes == 0)
        #expect(String(buffer: link.finish()) == #"{"id":"resp_2", "previous_response_id":"resp_1","n":1.50}"#)
    }

    @Test func `in a stream every response object says so, wherever it is cut`() {
        let head = #"{"type":"response.created","response":{"id":"r","previous_response_id":null}}"#
        let linked = #"{"type":"response.created","response":{"id":"r","previous_response_id":"p"}}"#
        let delta = #"{"type":"response.output_text.delta","delta":"a"}"#
        let rest = "event: response.output_text.delta\ndata: \(delta)\n\n"
        let text = "event: response.created\ndata: \(head)\n\n" + rest
        for cut in 0...text.utf8.count {
            var link = ResponseLink(previous: "p", streams: true)
            var out = link.pass(ByteBuffer(bytes: text.utf8.prefix(cut)))
            out.writeImmutableBuffer(link.pass(ByteBuffer(bytes: text.utf8.dropFirst(cut))))
            out.writeImmutableBuffer(link.finish())
            #expect(String(buffer: out) == "event: response.created\ndata: \(linked)\n\n" + rest)
        }
    }

    @Test func `keep-alives go through`() {
        var link = ResponseLink(previous: "p", streams: true)
        #expect(String(buffer: link.pass(ByteBuffer(string: ": ping\n\n"))) == ": ping\n\n")
    }
}
