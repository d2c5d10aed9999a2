import ElkWire
import NIOCore
import Testing

struct Base64Tests {
    private func encoded(_ bytes: [UInt8], _ alphabet: Base64.Alphabet = .standard) -> String {
        var buffer = ByteBuffer()
        buffer.writeBase64(ByteBuffer(bytes: bytes), alphabet)
        return String(buffer: buffer)
    }

    /// RFC 4648, section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func `the vectors of the standard hold`(text: String, base64: String) {
        #expect(encoded(Array(text.utf8)) == base64)
        #expect(Base64.decode(base64) == ByteBuffer(string: text))
        let bare = base64.prefix { $0 != "=" }
        #expect(encoded(Array(text.utf8), .url) == bare)
        #expect(Base64.decode(bare) == ByteBuffer(string: text))
    }

    @Test func `all bytes survive in both alphabets and at every length`() {
        let all = (0...255).map { UInt8($0) }
        for length in 0...256 {
            let bytes = Array(all.reversed().prefix(length))
            for alphabet in [Base64.Alphabet.standard, .url] {
                #expect(Base64.decode(encoded(bytes, alphabet)) == ByteBuffer(bytes: bytes))
                #expect(encoded(bytes, alphabet).utf8.count == Base64.encodedLength(length, alphabet))
            }
        }
        #expect(encoded([0xFB, 0xFF]) == "+/8=")
        #expect(encoded([0xFB, 0xFF], .url) == "-_8")
    }

    @Test(arguments: [
        "A", "A===", "AA=", "=", "====", "AA==AA==", "Zm9v Zm9v", "Zm9v\n", "Zm9*", "é===", "Zm\u{0}9", "AAA==",
    ])
    func `what is not base64 is refused`(text: String) {
        #expect(Base64.decode(text) == nil)
    }
}

struct EmbeddingVectorTests {
    private let values: [Float] = [0, -0.0, 1, -2.5, 0.1, 1e-20, 3.4028235e38, -1.1754944e-38, 0.017234, 123456.79]

    private func written(_ body: (inout JSONWriter) -> Void) throws -> JSONSlice {
        try JSONSlice(validating: JSONWriter.text(body))
    }

    @Test func `both forms are read as they were written`() throws {
        let vector = EmbeddingVector(values)
        let array = try written { vector.writeArray(into: &$0) }
        let base64 = try written { vector.writeBase64(into: &$0) }
        #expect(EmbeddingVector(array)?.values.map(\.bitPattern) == values.map(\.bitPattern))
        #expect(EmbeddingVector(base64)?.values.map(\.bitPattern) == values.map(\.bitPattern))
    }

    @Test func `base64 is little-endian, as clients expect`() throws {
        let base64 = try written { EmbeddingVector([1, -2]).writeBase64(into: &$0) }
        #expect(base64.string == "AACAPwAAAMA=")
    }

    @Test(arguments: ["[]", "[ ]", " [ 1 , 2.5e0\n, -3 ] "])
    func `arrays may have white space`(text: String) throws {
        #expect(EmbeddingVector(try json(text))?.values == (text.contains("1") ? [1, 2.5, -3] : []))
    }

    @Test(arguments: ["[1,\"2\"]", "[null]", "{}", "5", "\"AAA=\"", "\"!!!!\"", "[1e39]", "[[1]]"])
    func `anything else is none`(text: String) throws {
        #expect(EmbeddingVector(try json(text)) == nil)
    }
}
