import ElkGateway
import ElkStorage
import ElkWire
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import ServiceLifecycle

/// Answers every request: names it, times it, turns what is thrown into an answer in the client's dialect, writes the answer
/// no faster than the client takes it, and logs one line.
struct Edge: Sendable {
    /// An unread body up to this long is skipped to keep the connection; behind a longer one the connection is closed.
    private static let skippableBytes = 1 << 20

    let routes: Routes
    let metrics: Metrics
    let openRequests: OpenRequests
    let room: BodyRoom
    let logger: Logger

    @concurrent
    func respond(
        to request: Request,
        _ writer: consuming ResponseWriter,
        on connection: Connection
    ) async throws {
        let target = RequestTarget(request)
        let context = RequestContext(
            connection: connection,
            dialect: Route.dialect(of: target.path, request.headers),
            room: room,
            logger: logger
        )
        openRequests.open(context.record, as: context.requestID)
        defer {
            connection.presence.endWork()
            openRequests.close(context.requestID)
        }
        metrics.begin()
        var answer: Answer
        do {
            if Task.isShuttingDownGracefully { throw Failure.shuttingDown }
            try HopCount.check(request.headers)
            answer = try await routes.answer(request, target, context)
        } catch let error as ConnectionFailure {
            // The connection's own code answers what it can, and closes.
            finish(request, target, context, status: connection.presence.isGone ? 499 : 400)
            throw error.cause
        } catch {
            answer = Answer(
                failure(for: error, request, context),
                dialect: context.dialect,
                requestID: context.requestID
            )
        }
        complete(&answer.headers, request, target, context)
        var status = answer.status.code
        // Also when the writing throws: no request goes unlogged.
        defer { finish(request, target, context, status: status) }
        do {
            if connection.presence.isAbandoned { throw ClientGone() }
            try await write(answer, to: writer, isHead: request.method == .head, context)
        } catch {
            // A stream that failed where its format has no place for an error ends with its connection.
            if !(error is Failure) { status = 499 }
            throw error
        }
    }

    @concurrent
    private func write(
        _ answer: consuming Answer,
        to writer: consuming ResponseWriter,
        isHead: Bool,
        _ context: RequestContext
    ) async throws {
        switch answer.body {
        case .whole(let bytes):
            // The length of what has not changed would be that of the body, which is not looked at again.
            if answer.status != .notModified { answer.headers[.contentLength] = String(bytes.readableBytes) }
            let head = HTTPResponse(status: answer.status, headerFields: answer.headers)
            guard !isHead else { return try await writer.writeResponse(head) }
            try await writer.write(response: head, body: ResponseBody(byteBuffer: bytes))
            context.noteFirstByte()
        case .webSocket(let session):
            if context.connection.presence.isGone { throw ClientGone() }
            let head = HTTPResponse(status: answer.status, headerFields: answer.headers)
            let socket = try await WebSocket.begin(
                on: context.connection.channel,
                head,
                maxMessageBytes: session.maxMessageBytes
            )
            context.noteFirstByte()
            await session.run(on: socket)
            await socket.end()
        case .stream(let stream):
            openRequests.began(stream, of: context.requestID)
            defer { openRequests.ended(context.requestID) }
            // Whatever goes wrong on the way to the client means that it no longer reads.
            do {
                var body = try await writer.writeHead(
                    HTTPResponse(status: answer.status, headerFields: answer.headers)
                )
                while let chunk = try await stream.next() {
                    try await body.write(chunk)
                    context.noteFirstByte()
                }
                // What was stopped in the middle must not look complete.
                try Task.checkCancellation()
                try await body.finish(nil)
            } catch {
                stream.clientLeft()
                throw error
            }
        }
    }

    private func complete(
        _ headers: inout HTTPFields,
        _ request: Request,
        _ target: RequestTarget,
        _ context: RequestContext
    ) {
        headers[.requestID] = context.requestID.description
        headers[.server] = "elk"
        headers[.date] = HTTPDate.now
        if context.dialect == .anthropic { headers[.anthropicRequestID] = context.requestID.description }
        if target.path.hasPrefix("/v1/") {
            headers[.processingTime] = String(context.milliseconds)
        }
        if Task.isShuttingDownGracefully || leavesTooMuch(request, context) {
            headers[.connection] = "close"
        }
    }

    private func failure(for error: any Error, _ request: Request, _ context: RequestContext) -> Failure {
        switch error {
        case let failure as Failure: failure
        case is ClientGone: .clientClosed
        case is CancellationError: context.connection.presence.isGone ? .clientClosed : .shuttingDown
        default: unexpected(error, context)
        }
    }

    private func unexpected(_ error: any Error, _ context: RequestContext) -> Failure {
        context.logger.error("unexpected error", metadata: ["error": "\(error)"])
        return .unexpected
    }

    private func leavesTooMuch(_ request: Request, _ context: RequestContext) -> Bool {
        guard !context.record.current.bodyWasRead else { return false }
        // A client that asked whether it may send cannot be told to go on with another request instead.
        guard request.headers[.transferEncoding] == nil, request.headers[.expect] == nil else { return true }
        return (request.headers[.contentLength].flatMap { Int($0) } ?? 0) > Self.skippableBytes
    }

    /// The one log line of a request, and its numbers.
    private func finish(_ request: Request, _ target: RequestTarget, _ context: RequestContext, status: Int) {
        let facts = context.record.current
        metrics.end(facts, status: status, milliseconds: context.milliseconds)
        guard logger.logLevel <= .info else { return }
        var metadata: Logger.Metadata = [
            "method": "\(request.method.rawValue)", "path": "\(target.path)",
            "status": "\(status)", "ms": "\(context.milliseconds)",
        ]
        if facts.bodyBytes > 0 { metadata["bytes"] = "\(facts.bodyBytes)" }
        if let model = facts.model { metadata["model"] = "\(model)" }
        if let seconds = facts.audioSeconds { metadata["audio.seconds"] = "\(seconds)" }
        if let key = facts.keyPrefix { metadata["key"] = "\(key)" }
        if let channel = facts.channel { metadata["channel"] = "\(channel)" }
        if let outcome = facts.outcome { metadata["outcome"] = "\(outcome)" }
        if let cost = facts.cost, !cost.isZero { metadata["cost"] = "\(cost)" }
        if facts.attempts > 1 { metadata["attempts"] = "\(facts.attempts)" }
        if let failure = facts.failure { metadata["failure"] = "\(failure)" }
        if let first = facts.firstByteMilliseconds { metadata["first_byte_ms"] = "\(first)" }
        context.logger.info("request", metadata: metadata)
    }
}
