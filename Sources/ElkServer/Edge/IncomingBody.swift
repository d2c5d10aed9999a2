import ElkWire
import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOHTTPTypes

/// The body of one request on its way in: bounded, asked for where the client waits to be asked, and complete or refused.
struct IncomingBody {
    private let request: Request
    private let context: RequestContext
    private let limit: Int
    private let announced: Int?

    /// - Throws: a refusal that needs none of the body.
    init(_ request: Request, _ context: RequestContext, limit: Int) throws(Failure) {
        self.request = request
        self.context = context
        self.limit = limit
        announced = request.headers[.contentLength].flatMap { Int($0) }
        if let announced, announced > limit { throw .bodyTooLarge(limit: limit, bytes: announced) }
        if let coding = request.headers[.contentEncoding], coding.lowercased() != "identity" {
            throw .unsupportedCoding(coding)
        }
    }

    /// Hands the pieces of the body on as they come in, to its end.
    ///
    /// - Throws: `ClientGone` when it ends early, `ConnectionFailure` when it makes no sense below HTTP, a `Failure` when it
    ///   is too long, and what `take` throws.
    func read(_ take: (ByteBuffer) async throws -> Void) async throws {
        if request.headers[.expect]?.lowercased() == "100-continue" {
            do {
                try await context.connection.channel.writeAndFlush(
                    HTTPResponsePart.head(HTTPResponse(status: .continue))
                )
            } catch {
                throw ClientGone()
            }
        }
        var bytes = 0
        var body = request.body.makeAsyncIterator()
        while let chunk = try await next(&body) {
            bytes += chunk.readableBytes
            guard bytes <= limit else {
                note(bytes, isWhole: false)
                throw Failure.bodyTooLarge(limit: limit, bytes: bytes)
            }
            do {
                try await take(chunk)
            } catch {
                note(bytes, isWhole: false)
                throw error
            }
        }
        let isWhole = bytes >= announced ?? 0
        note(bytes, isWhole: isWhole)
        guard isWhole else { throw ClientGone() }
    }

    /// The whole body in one buffer, which counts against the room that all bodies share.
    func collect() async throws -> ByteBuffer {
        var whole = ByteBuffer()
        try await read { chunk in
            try context.record.takeRoom(chunk.readableBytes)
            guard whole.readableBytes > 0 else {
                whole = chunk
                return
            }
            if let announced { whole.reserveCapacity(min(announced, limit)) }
            whole.writeImmutableBuffer(chunk)
        }
        return whole
    }

    @concurrent
    private func next(_ body: inout RequestBody.AsyncIterator) async throws -> ByteBuffer? {
        do {
            return try await body.next()
        } catch let error as CancellationError {
            throw error
        } catch {
            throw ConnectionFailure(cause: error)
        }
    }

    private func note(_ bytes: Int, isWhole: Bool) {
        context.record.update { facts in
            facts.bodyBytes = bytes
            facts.bodyWasRead = isWhole
        }
    }
}

/// The bytes of a request stopped making sense below HTTP, or the connection broke.
struct ConnectionFailure: Error {
    let cause: any Error
}
