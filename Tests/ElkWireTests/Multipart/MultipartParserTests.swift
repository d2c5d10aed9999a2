import ElkWire
import NIOCore
import Testing

struct MultipartParserTests {
    private static let form =
        "preamble\r\n--B\r\nContent-Disposition: form-data; name=\"model\"\r\n\r\nwhisper-1\r\n"
        + "--B  \r\ncontent-disposition:form-data; name=file; filename=\"a b.wav\"\r\nContent-Type: audio/wav\r\n"
        + "X-Other: 1\r\n\r\nRIFF\r\n--\r\n--Bx\r\n-\r\r\n--B\r\nContent-Disposition: form-data; name=\"empty\"\r\n\r\n\r\n"
        + "--B--\r\nepilogue --B\r\n"

    private static let parts = [
        ReadPart(headers: PartHeaders(name: "model"), body: "whisper-1"),
        ReadPart(
            headers: PartHeaders(name: "file", filename: "a b.wav", contentType: "audio/wav"),
            body: "RIFF\r\n--\r\n--Bx\r\n-\r"
        ),
        ReadPart(headers: PartHeaders(name: "empty"), body: ""),
    ]

    @Test func `a form gives the same parts cut at every pair of places`() throws {
        let bytes = Array(Self.form.utf8)
        for first in 0...bytes.count {
            for second in stride(from: first, through: bytes.count, by: 7) {
                let pieces = [bytes[..<first], bytes[first..<second], bytes[second...]].map(Array.init)
                #expect(try readForm(pieces) == Self.parts)
            }
        }
    }

    @Test func `a form gives the same parts byte by byte and with line feeds alone`() throws {
        #expect(try readForm(Self.form.utf8.map { [$0] }) == Self.parts)
        let unix =
            "--B\nContent-Disposition: form-data; name=a\n\nx\r\ny\n--B\nContent-Disposition: form-data; name=b\n\n\n--B--"
        let expected = [
            ReadPart(headers: PartHeaders(name: "a"), body: "x\r\ny"),
            ReadPart(headers: PartHeaders(name: "b"), body: ""),
        ]
        #expect(try readForm(unix) == expected)
        #expect(try readForm(unix.utf8.map { [$0] }) == expected)
    }

    @Test(arguments: [
        "--B\r\nContent-Disposition: form-data; name=a\r\n--B--\r\n",
        "--B\r\nContent-Disposition: form-data; name=a\r\n\r\n--B--\r\n",
        "--B\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n--B--\r\n",
    ])
    func `a part without a body may leave out its empty lines`(body: String) throws {
        let expected = [ReadPart(headers: PartHeaders(name: "a"), body: "")]
        #expect(try readForm(body) == expected)
        #expect(try readForm(body.utf8.map { [$0] }) == expected)
    }

    @Test func `a form without parts is a form`() throws {
        #expect(try readForm("--B--").isEmpty)
    }

    @Test func `a folded header is one header`() throws {
        let parts = try readForm("--B\r\nContent-Disposition: form-data;\r\n name=\"a\"\r\n\r\nx\r\n--B--\r\n")
        #expect(parts == [ReadPart(headers: PartHeaders(name: "a"), body: "x")])
    }

    @Test func `body bytes are handed on before the body ends`() throws {
        var parser = MultipartParser(boundary: try MultipartBoundary("B"))
        parser.feed(ByteBuffer(string: "--B\r\nContent-Disposition: form-data; name=a\r\n\r\n0123456789\r\n-"))
        #expect(try parser.next() == .partBegan(PartHeaders(name: "a")))
        #expect(try parser.next() == .partBytes(ByteBuffer(string: "0123456789")))
        #expect(try parser.next() == nil)
        parser.feed(ByteBuffer(string: "-B--"))
        #expect(try parser.next() == .partEnded)
        #expect(try parser.next() == .finished)
        #expect(try parser.next() == nil)
        try parser.finish()
    }

    @Test(arguments: [
        ("", MultipartError.noBoundary),
        ("no boundary here", .noBoundary),
        ("x--B\r\n", .noBoundary),
        ("--B", .noBoundary),
        ("--B\r\n", .truncated),
        ("--B\r\nContent-Disposition: form-data; name=a\r\n", .truncated),
        ("--B\r\nContent-Disposition: form-data; name=a\r\n\r\nbody", .truncated),
        ("--B\r\nContent-Disposition: form-data; name=a\r\n\r\nbody\r\n--B", .truncated),
        ("--B\r\nContent-Disposition: form-data; name=a\r\n\r\nbody\r\n--B-", .truncated),
        ("--B\r\nno colon\r\n\r\n", .malformedHeader),
        ("--B\r\n: no name\r\n\r\n", .malformedHeader),
        ("--B\r\n folds nothing\r\n\r\n", .malformedHeader),
    ])
    func `a broken body is refused with its reason`(body: String, error: MultipartError) {
        #expect(throws: error) { try readForm(body) }
        #expect(throws: error) { try readForm(body.utf8.map { [$0] }) }
    }

    @Test func `endless headers are refused, with and without line ends`() {
        let long = String(repeating: "x", count: 20_000)
        #expect(throws: MultipartError.headersTooLong) { try readForm("--B\r\n\(long)") }
        #expect(throws: MultipartError.headersTooLong) { try readForm("--B\r\nA: \(long)\r\n\r\n") }
        let many = String(repeating: "a: b\r\n", count: 4_000)
        #expect(throws: MultipartError.headersTooLong) { try readForm("--B\r\n\(many)") }
    }

    @Test func `too many parts are refused`() throws {
        var limits = MultipartParser.Limits()
        limits.parts = 3
        let part = "--B\r\nContent-Disposition: form-data; name=a\r\n\r\n\r\n"
        #expect(try readForm(String(repeating: part, count: 3) + "--B--", limits: limits).count == 3)
        #expect(throws: MultipartError.tooManyParts) {
            try readForm(String(repeating: part, count: 4) + "--B--", limits: limits)
        }
    }

    @Test func `a long run of near boundaries is data`() throws {
        let body = String(repeating: "\r\n--boundar", count: 5_000)
        let form = "--boundary\r\nContent-Disposition: form-data; name=a\r\n\r\n\(body)\r\n--boundary--"
        #expect(try readForm(form, boundary: "boundary") == [ReadPart(headers: PartHeaders(name: "a"), body: body)])
    }
}
