import ElkWire
import NIOCore

/// A stream of server-sent events in the client's own format: frames pass byte for byte, and are watched.
///
/// Errors do not pass: they become thrown failures, so that the relay can try elsewhere while nothing has been sent, and
/// so that no upstream address or key gets out. Where usage was asked for in our name only, its chunk does not pass either.
struct EventReply: Sendable {
    private var frames = EventFrames()
    private var parser = SSEParser()
    private(set) var meter: StreamMeter
    private let failures: FailureReading
    private let clientFormat: ClientStreamFormat
    private(set) var upstreamFailure: UpstreamFailure?

    init(_ meter: StreamMeter, failures: FailureReading, clientFormat: ClientStreamFormat) {
        (self.meter, self.failures, self.clientFormat) = (meter, failures, clientFormat)
    }

    var usage: Usage? { meter.usage }
    var isComplete: Bool { meter.isComplete }
    var deliveredOutput: Int { meter.deliveredOutput }

    mutating func consume(_ chunk: ByteBuffer, into out: inout ByteBuffer) throws(Failure) {
        try frames.append(chunk)
        while let frame = frames.next() { try pass(frame, into: &out) }
    }

    mutating func finish(into out: inout ByteBuffer) throws(Failure) {
        if let rest = frames.rest() {
            // An event without its blank line: given to the meter as if it had one, since some servers forget the last.
            try pass(rest, isLast: true, into: &out)
        }
        meter.end()
        guard meter.isComplete else { throw ClientFailure.cutStream }
    }

    mutating func abort(_ failure: Failure, into out: inout ByteBuffer) {
        out.writeStreamError(failure, clientFormat, sequenceNumber: meter.nextSequenceNumber)
    }

    private mutating func pass(_ frame: ByteBuffer, isLast: Bool = false, into out: inout ByteBuffer) throws(Failure) {
        parser.append(frame)
        if isLast { parser.append(ByteBuffer(string: "\n\n")) }
        var passes = true
        while let event = try nextEvent() {
            switch try meter.watch(event) {
            case .pass: break
            case .drop: passes = false
            case .failed(let error):
                let failure = failures.read(error)
                upstreamFailure = failure
                throw failure.failure
            }
        }
        if passes { out.writeImmutableBuffer(frame) }
    }

    private mutating func nextEvent() throws(Failure) -> SSEEvent? {
        do {
            return try parser.next()
        } catch {
            throw ClientFailure.badAnswer("an event that is none")
        }
    }
}
