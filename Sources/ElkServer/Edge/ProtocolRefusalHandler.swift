import ElkWire
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Says what is wrong with what is no HTTP, in the envelope of every other refusal: HummingbirdCore answers it, in its turn, with a
/// status alone.
///
/// The dialect is OpenAI's: there is no path to tell another one by.
final class ProtocolRefusalHandler: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private var error: HTTPParserError?

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        self.error = self.error ?? error as? HTTPParserError
        context.fireErrorCaught(error)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // Answers of our own, to requests before it, have an id.
        guard let error, case .head(var head) = unwrapOutboundIn(data), head.headerFields[.requestID] == nil else {
            context.write(data, promise: promise)
            return
        }
        let failure = Failure.unreadableRequest(error)
        let id = RequestID()
        var body = ByteBuffer()
        failure.writeEnvelope(.openAI, requestID: id, into: &body)
        head.status = HTTPResponse.Status(code: failure.status)
        head.headerFields[.contentType] = "application/json"
        head.headerFields[.contentLength] = String(body.readableBytes)
        head.headerFields[.requestID] = id.description
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: promise)
    }
}

extension Failure {
    fileprivate static func unreadableRequest(_ error: HTTPParserError) -> Failure {
        guard error == .headerOverflow else {
            return .invalidRequest("The request is not HTTP/1.1 that can be read.", code: "malformed_request")
        }
        return Failure(
            status: 431,
            type: "invalid_request_error",
            message: "The head of the request is too long.",
            code: "headers_too_large"
        )
    }
}
