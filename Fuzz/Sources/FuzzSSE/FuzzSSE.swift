import ElkWire
import FuzzDriver
import NIOCore

/// A stream of events through `SSEParser`: once whole, once in pieces, once written and read again.
///
/// The first byte chooses the pieces; the rest is the stream. A finding is a crash, a hang, or a difference between the
/// three readings.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzSSE(_ data: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Array(UnsafeRawBufferPointer(start: data, count: count))
    guard let first = input.first else { return 0 }
    let stream = input.dropFirst()
    var pieces: [ArraySlice<UInt8>] = []
    var start = stream.startIndex
    var step = UInt64(first)
    while start < stream.endIndex {
        step = step &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        let next = min(stream.endIndex, start + 1 + Int(step >> 60))
        pieces.append(stream[start..<next])
        start = next
    }
    let whole = read([stream])
    precondition(read(pieces) == whole, "the pieces change what is read")

    var written = ByteBuffer()
    for event in whole.events { written.writeSSE(type: event.type, data: event.data) }
    let again = read([ArraySlice(written.readableBytesView)], limit: 1 << 20)
    let plain = whole.events.map { SSEEvent(type: $0.type, data: $0.data) }
    precondition(again == Reading(events: plain), "what was written is read otherwise")
    return 0
}

private struct Reading: Equatable {
    var events: [SSEEvent] = []
    var error: SSEError?
}

private func read(_ pieces: [ArraySlice<UInt8>], limit: Int = 64) -> Reading {
    var parser = SSEParser(maxLineBytes: limit)
    var reading = Reading()
    do throws(SSEError) {
        for piece in pieces {
            parser.append(ByteBuffer(bytes: piece))
            while let event = try parser.next() { reading.events.append(event) }
        }
        if let event = parser.finish() { reading.events.append(event) }
    } catch {
        reading.error = error
    }
    return reading
}

@_cdecl("FuzzSSE_main")
public func main(_ argc: CInt, _ argv: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?) -> CInt {
    FuzzDriver.run(argc, argv, fuzzSSE)
}
