import ElkWire
import HTTPTypes
import Hummingbird
import Logging
import ServiceLifecycle

/// The outermost step of every request: names it, times it, turns what is thrown into an answer and writes the one log
/// line.
struct RequestFrame: RouterMiddleware {
    typealias Context = ServerContext

    /// An unread body up to this long is skipped to keep the connection; behind a longer one the connection is closed.
    private static let skippableBytes = 1 << 20

    func handle(
        _ request: Request,
        context: ServerContext,
        next: @concurrent (Request, ServerContext) async throws -> Response
    ) async throws -> Response {
        let start = ContinuousClock.now
        var response: Response
        do {
            if Task.isShuttingDownGracefully { throw Failure.shuttingDown }
            response = try await next(request, context)
        } catch let error as ConnectionFailure {
            // Hummingbird answers what it can, and closes.
            let isGone = await ClientPresenceHandler.presence(on: context.channel)?.isGone ?? true
            log(request, context, status: isGone ? 499 : 400, since: start)
            throw error.cause
        } catch {
            response = Response(Self.failure(for: error, request, context))
        }
        let milliseconds = (ContinuousClock.now - start) / .milliseconds(1)
        response.headers[.requestID] = context.requestID.description
        if request.uri.path.hasPrefix("/v1/") {
            response.headers[.processingTime] = String(Int(milliseconds))
        }
        if Task.isShuttingDownGracefully || leavesTooMuch(request, context) {
            response.headers[.connection] = "close"
        }
        log(request, context, status: response.status.code, since: start)
        return request.method == .head ? response.createHeadResponse() : response
    }

    private static func failure(for error: any Error, _ request: Request, _ context: ServerContext) -> Failure {
        switch error {
        case let failure as Failure:
            return failure
        case is CancellationError:
            return .shuttingDown
        case is ClientGone:
            return Failure(status: 499, type: "invalid_request_error", message: "The client closed the request.")
        case let error as HTTPError where error.status == .notFound:
            return .unknownURL(request)
        case let error as HTTPError where error.status.code < 500:
            return Failure(
                status: error.status.code,
                type: "invalid_request_error",
                message: error.body ?? "Bad request."
            )
        default:
            context.logger.error("unexpected error", metadata: ["error": "\(error)"])
            return .unexpected
        }
    }

    private func leavesTooMuch(_ request: Request, _ context: ServerContext) -> Bool {
        guard !context.record.current.bodyWasRead else { return false }
        // A client that asked whether it may send cannot be told to go on with another request instead.
        guard request.headers[.transferEncoding] == nil, request.headers[.expect] == nil else { return true }
        return (request.headers[.contentLength].flatMap { Int($0) } ?? 0) > Self.skippableBytes
    }

    private func log(_ request: Request, _ context: ServerContext, status: Int, since start: ContinuousClock.Instant) {
        let facts = context.record.current
        let milliseconds = Int((ContinuousClock.now - start) / .milliseconds(1))
        var metadata: Logger.Metadata = [
            "method": "\(request.method.rawValue)", "path": "\(request.uri.path)",
            "status": "\(status)", "ms": "\(milliseconds)",
        ]
        if facts.bodyBytes > 0 { metadata["bytes"] = "\(facts.bodyBytes)" }
        if let model = facts.model { metadata["model"] = "\(model)" }
        if let seconds = facts.audioSeconds { metadata["audio.seconds"] = "\(seconds)" }
        context.logger.info("request", metadata: metadata)
    }
}

/// The bytes of a request stopped making sense below HTTP, or the connection broke.
struct ConnectionFailure: Error {
    let cause: any Error
}
