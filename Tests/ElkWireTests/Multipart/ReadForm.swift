import ElkWire
import NIOCore

/// One part as a test wants to see it.
struct ReadPart: Hashable {
    var headers: PartHeaders
    var body: String
}

/// Feeds `pieces` to a parser and gathers the parts.
func readForm(
    _ pieces: [[UInt8]],
    boundary: String = "B",
    limits: MultipartParser.Limits = .init()
) throws(MultipartError) -> [ReadPart] {
    var parser = MultipartParser(boundary: try MultipartBoundary(boundary), limits: limits)
    var parts: [ReadPart] = []
    var bodies: [[UInt8]] = []
    for piece in pieces {
        parser.feed(ByteBuffer(bytes: piece))
        while let event = try parser.next() {
            switch event {
            case .partBegan(let headers):
                parts.append(ReadPart(headers: headers, body: ""))
                bodies.append([])
            case .partBytes(let bytes): bodies[bodies.count - 1] += Array(bytes.readableBytesView)
            case .partEnded, .finished: break
            }
        }
    }
    try parser.finish()
    for index in parts.indices { parts[index].body = String(decoding: bodies[index], as: UTF8.self) }
    return parts
}

func readForm(
    _ body: String,
    boundary: String = "B",
    limits: MultipartParser.Limits = .init()
) throws(MultipartError) -> [ReadPart] {
    try readForm([Array(body.utf8)], boundary: boundary, limits: limits)
}
