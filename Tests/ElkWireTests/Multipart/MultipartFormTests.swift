import ElkWire
import NIOCore
import Testing

struct MultipartFormTests {
    private func boundary(_ text: String = "B") throws -> MultipartBoundary { try MultipartBoundary(text) }

    private func form(_ body: String, limits: MultipartForm.Limits = .init()) throws -> MultipartForm {
        try MultipartForm(parsing: ByteBuffer(string: body), boundary: boundary(), limits: limits)
    }

    private let body = """
        --B\r
        Content-Disposition: form-data; name="model"\r
        \r
        gpt-image-1\r
        --B\r
        Content-Disposition: form-data; name="image[]"; filename="a.png"\r
        Content-Type: image/png\r
        \r
        PNG\r
        --B\r
        Content-Disposition: form-data; name="model"\r
        \r
        other\r
        --B--\r

        """

    @Test func `fields, files and duplicates are seen in order`() throws {
        let form = try form(body)
        #expect(form.parts.map(\.name) == ["model", "image[]", "model"])
        #expect(form.value(of: "model") == "gpt-image-1")
        #expect(form.count(of: "model") == 2)
        #expect(form.value(of: "image[]") == nil)
        #expect(
            form.files == [
                MultipartForm.Part(
                    name: "image[]",
                    filename: "a.png",
                    contentType: "image/png",
                    content: ByteBuffer(string: "PNG")
                )
            ]
        )
        #expect(form.fields.map(\.value) == ["gpt-image-1", "other"])
    }

    @Test func `what is written is read again`() throws {
        var numbers = SeededNumbers(seed: 3)
        let contents = [0, 1, 100, 70_000, 300_000].map { count in
            ByteBuffer(bytes: (0..<count).map { _ in UInt8.random(in: 0...255, using: &numbers) })
        }
        var form = MultipartForm()
        for (index, content) in contents.enumerated() {
            form.parts.append(
                MultipartForm.Part(name: "field \"\(index)\" \\é", content: ByteBuffer(string: "v\(index)\r\n--"))
            )
            form.parts.append(
                MultipartForm.Part(
                    name: "file",
                    filename: "a \"b\"\\ü.bin",
                    contentType: "application/octet-stream",
                    content: content
                )
            )
        }
        let boundary = MultipartBoundary.random()
        #expect(try MultipartBoundary(contentType: boundary.contentType) == boundary)
        #expect(try MultipartForm(parsing: form.encode(boundary: boundary), boundary: boundary) == form)
    }

    @Test func `line ends in names and types cannot begin a header`() throws {
        let part = MultipartForm.Part(
            name: "a\r\nX: y",
            filename: "b\nc",
            contentType: "text/plain\r\nX: y",
            content: ByteBuffer(string: "z")
        )
        let read = try MultipartForm(
            parsing: MultipartForm(parts: [part]).encode(boundary: boundary()),
            boundary: boundary()
        )
        #expect(read.parts.map(\.name) == ["a%0D%0AX: y"])
        #expect(read.parts.map(\.filename) == ["b%0Ac"])
        #expect(read.parts.map(\.contentType) == ["text/plainX: y"])
    }

    @Test func `a field is set in its place and its duplicates go`() throws {
        var form = try form(body)
        form.set("model", to: "z")
        #expect(form.parts.map(\.name) == ["model", "image[]"])
        #expect(form.value(of: "model") == "z")
        form.set("n", to: "2")
        #expect(form.parts.map(\.name) == ["model", "image[]", "n"])
        form.remove("model")
        #expect(form.count(of: "model") == 0)
    }

    @Test func `limits hold`() throws {
        var limits = MultipartForm.Limits()
        limits.fieldBytes = 10
        #expect(throws: MultipartError.fieldTooLong) { try form(body, limits: limits) }
        limits.fieldBytes = 11
        _ = try form(body, limits: limits)
        limits.parser.parts = 2
        #expect(throws: MultipartError.tooManyParts) { try form(body, limits: limits) }
        #expect(throws: MultipartError.truncated) { try form(String(body.dropLast(8))) }
        #expect(throws: MultipartError.noBoundary) { try form("") }
        #expect(throws: MultipartError.malformedHeader) {
            try form("--B\r\nContent-Type: text/plain\r\n\r\nx\r\n--B--\r\n")
        }
    }
}
