import ElkWire
import NIOCore

extension ByteBuffer {
    /// The event that ends a broken stream in the client's format.
    mutating func writeStreamError(_ failure: Failure, _ format: ClientStreamFormat, sequenceNumber: Int) {
        switch format {
        case .openAI: failure.writeErrorEvent(.openAI, requestID: nil, into: &self)
        case .anthropic: failure.writeErrorEvent(.anthropic, requestID: nil, into: &self)
        case .gemini: failure.writeErrorEvent(.gemini, requestID: nil, into: &self)
        case .responses:
            writeSSE(type: "error") { event in
                event.beginObject()
                event.member("type", "error")
                event.member("sequence_number", sequenceNumber)
                event.member("code", failure.code ?? "server_error")
                event.member("message", failure.message)
                event.key("param")
                event.null()
                event.endObject()
            }
        }
    }
}
