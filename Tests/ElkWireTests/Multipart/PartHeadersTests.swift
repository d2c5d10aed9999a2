import ElkWire
import Testing

struct PartHeadersTests {
    @Test(arguments: [
        (#"form-data; name="file"; filename="a\"b\\c.wav""#, #"a"b\c.wav"#),
        (#"form-data; name="file"; filename="C:\audio\x.wav""#, #"C:\audio\x.wav"#),
        (#"form-data; name="file"; filename="semi;colon=.wav""#, "semi;colon=.wav"),
        (#"form-data; name="file"; filename=plain.wav"#, "plain.wav"),
        (#"form-data; name="file"; filename="été.wav""#, "été.wav"),
        (#"form-data; name="file"; filename="x.wav"; filename*=UTF-8''%e2%82%ac.wav"#, "€.wav"),
        (#"form-data; name="file"; filename*=utf-8'en'a%20b.wav; filename="x.wav""#, "a b.wav"),
        (#"form-data; name="file"; filename*=iso-8859-1''%E9.wav"#, "é.wav"),
        (#"form-data; name="file"; filename="x.wav"; filename*=UTF-8''%zz"#, "x.wav"),
        (#"form-data; name="file"; filename="x.wav"; filename*=koi8-r''%C1"#, "x.wav"),
        (#"FORM-DATA; NAME="file"; FileName="x.wav""#, "x.wav"),
        (#"form-data ; name = "file" ; filename = "x.wav" ; more"#, "x.wav"),
        (#"form-data; name="file"; filename="../../etc/passwd""#, "../../etc/passwd"),
        (#"form-data; name="file"; filename="open"#, "open"),
        (#"form-data; name="file"; filename="""#, ""),
    ])
    func `file names are read as clients write them`(disposition: String, filename: String) throws {
        let parts = try readForm("--B\r\nContent-Disposition: \(disposition)\r\n\r\nx\r\n--B--")
        #expect(parts.first?.headers.filename == filename)
        #expect(parts.first?.headers.name == "file")
    }

    @Test(arguments: [
        "X: y", "Content-Disposition: form-data", "Content-Disposition: ;;;=;=\"", "Content-Disposition:",
    ])
    func `a part may have no name`(header: String) throws {
        let parts = try readForm("--B\r\n\(header)\r\n\r\nx\r\n--B--")
        #expect(parts == [ReadPart(headers: PartHeaders(), body: "x")])
    }
}

struct MultipartBoundaryTests {
    @Test(arguments: [
        ("multipart/form-data; boundary=abc", "abc"),
        ("Multipart/Form-Data;boundary=\"a b:c\"", "a b:c"),
        ("multipart/form-data; charset=utf-8; BOUNDARY=----WebKit'()+_,-./:=?", "----WebKit'()+_,-./:=?"),
        ("multipart/form-data; boundary = x ; other=1", "x"),
    ])
    func `boundaries are read from the content type`(contentType: String, boundary: String) throws {
        #expect(try MultipartBoundary(contentType: contentType).text == boundary)
    }

    @Test(arguments: [
        "", "application/json", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=a",
        "multipart/form-data; boundary=\"a \"", "multipart/form-data; boundary=\"a\u{7F}\"",
        "multipart/form-data; boundary=é", "multipart/form-data; boundary=" + String(repeating: "x", count: 201),
    ])
    func `unusable content types are refused`(contentType: String) {
        #expect(throws: MultipartError.notMultipart) { try MultipartBoundary(contentType: contentType) }
    }
}
