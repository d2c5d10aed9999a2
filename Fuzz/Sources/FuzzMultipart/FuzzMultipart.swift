import ElkWire
import FuzzDriver
import NIOCore

/// A multipart body through `MultipartParser`: once whole, once in pieces.
///
/// Up to the first line feed the input is the content type; the byte after it chooses the pieces; the rest is the
/// body. A finding is a crash, a hang, or a difference between the two readings: parts, bytes and the error must be
/// the same.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzMultipart(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeRawBufferPointer(start: data, count: count))
    guard let end = input.firstIndex(of: UInt8(ascii: "\n")), end + 1 < input.count else { return 0 }
    let contentType = String(decoding: input[..<end], as: UTF8.self)
    guard let boundary = try? MultipartBoundary(contentType: contentType) else { return 0 }
    let body = Array(input[(end + 2)...])

    let whole = read([body[...]], boundary)
    var pieces: [ArraySlice<UInt8>] = []
    var start = 0
    var step = UInt64(input[end + 1])
    while start < body.count {
        step = step &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let next = min(body.count, start + 1 + Int(step >> 60))
        pieces.append(body[start..<next])
        start = next
    }
    precondition(read(pieces, boundary) == whole, "the pieces change what is read")

    guard let form = try? MultipartForm(parsing: ByteBuffer(bytes: body), boundary: boundary) else { return 0 }
    precondition(form.parts.map { Array($0.content.readableBytesView) } == whole.bodies, "the form has other bodies")
    let other = MultipartBoundary.random()
    let again = try? MultipartForm(parsing: form.encode(boundary: other), boundary: other)
    precondition(again?.parts.map(\.content) == form.parts.map(\.content), "a form does not survive writing")
    return 0
}

private struct Reading: Equatable {
    var parts: [PartHeaders] = []
    var bodies: [[UInt8]] = []
    var ended = 0
    var error: MultipartError?
}

private func read(_ pieces: [ArraySlice<UInt8>], _ boundary: MultipartBoundary) -> Reading {
    var parser = MultipartParser(boundary: boundary)
    var reading = Reading()
    do throws(MultipartError) {
        for piece in pieces {
            parser.feed(ByteBuffer(bytes: piece))
            while let event = try parser.next() {
                switch event {
                case .partBegan(let headers):
                    reading.parts.append(headers)
                    reading.bodies.append([])
                case .partBytes(let bytes):
                    precondition(bytes.readableBytes > 0)
                    reading.bodies[reading.bodies.count - 1] += bytes.readableBytesView
                case .partEnded: reading.ended += 1
                case .finished: precondition(reading.ended == reading.parts.count)
                }
            }
        }
        try parser.finish()
    } catch {
        reading.error = error
        // How much of an unfinished body was handed on before the error depends on the pieces.
        if reading.ended < reading.bodies.count { reading.bodies.removeLast() }
    }
    return reading
}

@_cdecl("FuzzMultipart_main")
public func main(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    FuzzDriver.run(argc, argv, fuzzMultipart)
}
