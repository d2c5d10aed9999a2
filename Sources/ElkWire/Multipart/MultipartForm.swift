package import NIOCore

/// A multipart/form-data body as a whole: parts in order, duplicates included.
package struct MultipartForm: Sendable, Hashable {
    package struct Part: Sendable, Hashable {
        package var name: String
        /// Name of the file as the client wrote it, untrusted; a part without one is a field.
        package var filename: String?
        package var contentType: String?
        package var content: ByteBuffer

        package init(name: String, filename: String? = nil, contentType: String? = nil, content: ByteBuffer) {
            self.name = name
            self.filename = filename
            self.contentType = contentType
            self.content = content
        }

        package var isFile: Bool { filename != nil }
        package var text: String { String(buffer: content) }
    }

    package struct Limits: Sendable, Hashable {
        package var parser = MultipartParser.Limits()
        /// Bytes of a part that is no file.
        package var fieldBytes = 1 << 20

        package init() {}
    }

    package var parts: [Part]

    package init(parts: [Part] = []) {
        self.parts = parts
    }

    /// Reads a whole body.
    ///
    /// Parts without a name are refused.
    package init(
        parsing body: ByteBuffer,
        boundary: MultipartBoundary,
        limits: Limits = Limits()
    ) throws(MultipartError) {
        var parser = MultipartParser(boundary: boundary, limits: limits.parser)
        var body = body
        var parts: [Part] = []
        while let piece = body.readSlice(length: min(Self.pieceBytes, body.readableBytes)), piece.readableBytes > 0 {
            parser.feed(piece)
            while let event = try parser.next() {
                switch event {
                case .partBegan(let headers):
                    guard let name = headers.name else { throw .malformedHeader }
                    parts.append(
                        Part(
                            name: name,
                            filename: headers.filename,
                            contentType: headers.contentType,
                            content: ByteBuffer()
                        )
                    )
                case .partBytes(let bytes):
                    try Self.add(bytes, to: &parts[parts.count - 1], limits)
                case .partEnded, .finished: break
                }
            }
        }
        try parser.finish()
        self.parts = parts
    }

    /// The parser moves what it has not read yet after every event, so that it gets bodies in pieces.
    private static let pieceBytes = 128 << 10

    private static func add(_ bytes: ByteBuffer, to part: inout Part, _ limits: Limits) throws(MultipartError) {
        guard part.isFile || part.content.readableBytes + bytes.readableBytes <= limits.fieldBytes else {
            throw .fieldTooLong
        }
        if part.content.readableBytes == 0 {
            part.content = bytes
        } else {
            part.content.writeImmutableBuffer(bytes)
        }
    }
}

// MARK: Parts by name

extension MultipartForm {
    package var fields: [(name: String, value: String)] {
        parts.filter { !$0.isFile }.map { ($0.name, $0.text) }
    }

    package var files: [Part] { parts.filter(\.isFile) }

    /// How many parts are called `name`.
    package func count(of name: String) -> Int {
        parts.count { $0.name == name }
    }

    /// The first field called `name`.
    package func value(of name: String) -> String? {
        parts.first { $0.name == name && !$0.isFile }?.text
    }

    /// Replaces the fields called `name` by one in the place of the first, or adds it.
    package mutating func set(_ name: String, to value: String) {
        let part = Part(name: name, content: ByteBuffer(string: value))
        guard let first = parts.firstIndex(where: { $0.name == name }) else {
            parts.append(part)
            return
        }
        parts[first] = part
        var position = 0
        parts.removeAll { part in
            defer { position += 1 }
            return part.name == name && position != first
        }
    }

    package mutating func remove(_ name: String) {
        parts.removeAll { $0.name == name }
    }
}

// MARK: Writing

extension MultipartForm {
    /// The body, with its parts in order.
    ///
    /// The boundary must not occur in them: a random one does not.
    package func encode(boundary: MultipartBoundary) -> ByteBuffer {
        var out = ByteBuffer()
        out.reserveCapacity(parts.reduce(256) { $0 + $1.content.readableBytes + 256 })
        for part in parts {
            out.writeString("--\(boundary.text)\r\nContent-Disposition: form-data; name=\"")
            Self.writeQuoted(part.name, into: &out)
            if let filename = part.filename {
                out.writeStaticString("\"; filename=\"")
                Self.writeQuoted(filename, into: &out)
            }
            out.writeStaticString("\"\r\n")
            if let type = part.contentType {
                out.writeStaticString("Content-Type: ")
                out.writeString(String(decoding: type.utf8.filter { $0 >= 0x20 && $0 != 0x7F }, as: UTF8.self))
                out.writeStaticString("\r\n")
            }
            out.writeStaticString("\r\n")
            out.writeImmutableBuffer(part.content)
            out.writeStaticString("\r\n")
        }
        out.writeString("--\(boundary.text)--\r\n")
        return out
    }

    /// Nothing that could end the header or begin another one gets through.
    private static func writeQuoted(_ text: String, into out: inout ByteBuffer) {
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "\""): out.writeStaticString("\\\"")
            case UInt8(ascii: "\\"): out.writeStaticString("\\\\")
            case 0x0D: out.writeStaticString("%0D")
            case 0x0A: out.writeStaticString("%0A")
            case 0: out.writeStaticString("%00")
            default: out.writeInteger(byte)
            }
        }
    }
}

extension MultipartBoundary {
    /// A boundary that occurs in no content.
    package static func random() -> MultipartBoundary {
        MultipartBoundary(trusted: "elk-" + RequestID().description)
    }

    /// For a header: `multipart/form-data; boundary=…`.
    package var contentType: String { "multipart/form-data; boundary=\"\(text)\"" }
}
