import ElkWire
import NIOCore
import Testing

struct FailureTests {
    @Test func `the envelope has all four members and escapes what JSON must escape`() {
        var buffer = ByteBuffer()
        Failure.invalidRequest("a \"b\" \\ \n\u{1} é", parameter: "file").writeEnvelope(into: &buffer)
        let expected =
            #"{"error":{"message":"a \"b\" \\ \n\u0001 é","type":"invalid_request_error","param":"file","code":null}}"#
        #expect(String(buffer: buffer) == expected)
    }

    @Test func `busy is 429 and says when to come back`() {
        let failure = Failure.busy("full", retryAfter: 7)
        #expect(failure.status == 429)
        #expect(failure.code == "rate_limit_exceeded")
        #expect(failure.retryAfter == 7)
    }
}

struct RequestIDTests {
    private struct Zeros: RandomNumberGenerator {
        mutating func next() -> UInt64 { 0x1F }
    }

    @Test func `an id is req_ and 32 hexadecimal digits, whatever the random numbers`() {
        var zeros = Zeros()
        #expect(RequestID(using: &zeros).description == "req_000000000000001f000000000000001f")
        #expect(RequestID().description.utf8.count == 36)
        #expect(RequestID() != RequestID())
    }
}

struct PercentEncodingTests {
    @Test(arguments: [("a%2Fb", "a/b"), ("", ""), ("%c3%A9", "é")])
    func `escapes are undone`(text: String, decoded: String) {
        #expect(PercentEncoding.decode(text.utf8) == Array(decoded.utf8))
    }

    @Test(arguments: ["%", "%4", "%zz", "a%"])
    func `broken escapes are refused`(text: String) {
        #expect(PercentEncoding.decode(text.utf8) == nil)
    }
}
