import Glibc
import NIOCore
import NIOHTTP1
import Synchronization

/// One connection of the scripted upstream: reads requests, performs the steps of their answers one after the other.
final class FakeConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    private let number: Int
    private let recording: Recording
    private let script: @Sendable (FakeRequest) -> FakeAnswer
    private var request: FakeRequest?
    private var ordinal = 0
    private var steps: ArraySlice<FakeAnswer.Step> = []
    private var isPaused = false

    init(number: Int, recording: Recording, script: @escaping @Sendable (FakeRequest) -> FakeAnswer) {
        (self.number, self.recording, self.script) = (number, recording, script)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            ordinal += 1
            request = FakeRequest(
                method: head.method.rawValue,
                path: head.uri,
                headers: head.headers.map { ($0.name.lowercased(), $0.value) },
                body: ByteBuffer(),
                connection: number,
                ordinal: ordinal
            )
        case .body(let bytes): request?.body.writeImmutableBuffer(bytes)
        case .end:
            guard var request else { return }
            self.request = nil
            let arrived = recording.state.withLock { state in
                request.number = state.requests.count + 1
                state.requests.append(request)
                return request
            }
            steps += script(arrived).steps
            perform(context)
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        perform(context)
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        if !steps.isEmpty || request != nil { recording.state.withLock { $0.abandoned += 1 } }
        steps = []
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func perform(_ context: ChannelHandlerContext) {
        guard !isPaused else { return }
        while let step = steps.first, context.channel.isActive {
            switch step {
            case .bytes(let bytes):
                steps.removeFirst()
                write(bytes, context)
            case .repeated(let bytes, let times):
                guard context.channel.isWritable else { return }
                steps[steps.startIndex] = .repeated(bytes, times: times - 1)
                if times <= 1 { steps.removeFirst() }
                write(bytes, context)
            case .pause(let time):
                steps.removeFirst()
                isPaused = true
                let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                context.eventLoop.scheduleTask(in: time) {
                    let (handler, context) = bound.value
                    handler.isPaused = false
                    handler.perform(context)
                }
                return
            case .wait(let gate):
                steps.removeFirst()
                isPaused = true
                let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
                let loop = context.eventLoop
                gate.whenOpen {
                    loop.execute {
                        let (handler, context) = bound.value
                        handler.isPaused = false
                        handler.perform(context)
                    }
                }
                return
            case .stall: return
            case .close:
                steps = []
                context.close(promise: nil)
            case .reset:
                steps = []
                let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
                (context.channel as? any SocketOptionProvider)?.setSoLinger(linger(l_onoff: 1, l_linger: 0))
                    .whenComplete { _ in bound.value.close(promise: nil) }
            }
        }
    }

    private func write(_ bytes: ByteBuffer, _ context: ChannelHandlerContext) {
        let (recording, count) = (recording, bytes.readableBytes)
        let promise = context.eventLoop.makePromise(of: Void.self)
        promise.futureResult.whenSuccess { recording.state.withLock { $0.bytesWritten += count } }
        context.writeAndFlush(wrapOutboundOut(bytes), promise: promise)
    }
}
