package import ElkProviders
package import NIOCore

extension HTTPUpstream {
    /// How a server answered the wish for a WebSocket.
    package enum Upgrade: Sendable {
        case open(WebSocket)
        /// With anything but a switch; the body as far as it is worth reading.
        case refused(ResponseHead, ByteBuffer)
    }

    /// Asks for a WebSocket by the request, whose body is not sent: on a connection of its own, under the same guard as all others.
    ///
    /// Whoever gets one closes it. Cancelling the task closes the connection.
    ///
    /// - Parameters:
    ///   - timeouts: the first byte's is the one of the server's answer.
    ///   - maxMessageBytes: longest message that is taken from the server.
    package func upgrade(
        _ request: UpstreamRequest,
        reach: Reach,
        timeouts: UpstreamTimeouts = UpstreamTimeouts(),
        maxMessageBytes: Int
    ) async throws(UpstreamError) -> Upgrade {
        let loop = loop
        let answer = loop.makePromise(of: Upgrade.self)
        let limits = connector.limits
        connector.connect(to: Origin(request, reach: reach), within: timeouts.connect, on: loop) { _ in }
            .whenComplete { result in
                switch result {
                case .failure(let error): answer.fail(error as? UpstreamError ?? .unreachable("\(error)"))
                case .success(let channel):
                    let timeout = loop.scheduleTask(in: timeouts.firstByte) {
                        answer.fail(UpstreamError.firstByteTimeout)
                    }
                    answer.futureResult.whenComplete { result in
                        timeout.cancel()
                        if case .success(.open) = result { return }
                        channel.close(promise: nil)
                    }
                    let handshake = WebSocketHandshake(
                        request,
                        limits: limits,
                        maxMessageBytes: maxMessageBytes,
                        answer: answer
                    )
                    do {
                        try channel.pipeline.syncOperations.addHandler(handshake)
                    } catch {
                        answer.fail(UpstreamError.cut)
                    }
                }
            }
        do {
            return try await withTaskCancellationHandler {
                try await answer.futureResult.get()
            } onCancel: {
                answer.fail(UpstreamError.cancelled)
            }
        } catch {
            throw error as? UpstreamError ?? .cut
        }
    }
}
