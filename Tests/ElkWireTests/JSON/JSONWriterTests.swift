import ElkWire
import NIOCore
import Testing

struct JSONWriterTests {
    @Test func `commas and colons fall where they belong`() throws {
        let text = JSONWriter.text { writer in
            writer.object { root in
                root.member("a", 1)
                root.member("b", "x\"y")
                root.array("c") { list in
                    list.value(true)
                    list.null()
                    list.object { _ in }
                    list.array { $0.value(2.5) }
                }
                root.object("d") { $0.member("e", false) }
                root.member("f", orNull: nil)
                root.member("g", json: ByteBuffer(string: "[1, 2]"))
                root.nullMember("h")
            }
        }
        let expected = #"{"a":1,"b":"x\"y","c":[true,null,{},[2.5]],"d":{"e":false},"f":null,"g":[1, 2],"h":null}"#
        #expect(String(buffer: text) == expected)
        _ = try JSONSlice(validating: text)
    }

    @Test func `a slice is written as it was`() throws {
        let source = try json(#"{"x": [ 1e3, "\u00e9" ] }"#)
        var writer = JSONWriter()
        writer.beginArray()
        if let member = source["x"] { writer.raw(member) }
        writer.raw(source)
        writer.endArray()
        #expect(String(buffer: writer.buffer) == #"[[ 1e3, "\u00e9" ],{"x": [ 1e3, "\u00e9" ] }]"#)
    }

    @Test(
        arguments: [
            (0, "0"), (-0.0, "-0.0"), (1, "1"), (-3, "-3"), (0.1, "0.1"), (1e300, "1e+300"), (.infinity, "null"),
            (.nan, "null"),
            (1e15, "1000000000000000"), (1e16, "1e+16"), (123456, "123456"),
        ] as [(Double, String)]
    )
    func `doubles are written short`(value: Double, text: String) {
        var writer = JSONWriter()
        writer.value(value)
        #expect(String(buffer: writer.buffer) == text)
    }

    @Test(arguments: [0, 7, -7, 10, Int.max, Int.min])
    func `whole numbers are written in full`(value: Int) {
        var writer = JSONWriter()
        writer.value(value)
        #expect(String(buffer: writer.buffer) == String(value))
    }

    @Test func `any text survives writing and reading`() throws {
        var numbers = SeededNumbers(seed: 1)
        for length in 0..<200 {
            var text = ""
            for _ in 0..<length {
                let limit: UInt32 = Bool.random(using: &numbers) ? 0x80 : 0x11_0000
                let scalar = Unicode.Scalar(UInt32.random(in: 0..<limit, using: &numbers))
                text.unicodeScalars.append(scalar ?? "\u{FFFD}")
            }
            var writer = JSONWriter()
            writer.value(text)
            var other = JSONWriter()
            other.value(utf8: ByteBuffer(string: text))
            #expect(other.buffer == writer.buffer)
            #expect(
                try JSONSlice(validating: writer.buffer).string?.unicodeScalars.elementsEqual(text.unicodeScalars)
                    == true
            )
        }
    }

    @Test func `bytes that are not UTF-8 become replacement characters`() throws {
        var writer = JSONWriter()
        writer.value(utf8: ByteBuffer(bytes: [0x61, 0xFF, 0x62]))
        #expect(try JSONSlice(validating: writer.buffer).string == "a\u{FFFD}b")
    }
}
