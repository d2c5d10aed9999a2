import NIOCore
import Synchronization

/// Messages of a client that wait for the one task that reads them.
final class WebSocketInbox: Sendable {
    enum Message: Sendable {
        case text(ByteBuffer)
        case binary(ByteBuffer)

        var bytes: Int {
            switch self {
            case .text(let buffer), .binary(let buffer): buffer.readableBytes
            }
        }
    }

    private struct State {
        var messages: [Message] = []
        var bytes = 0
        var hasEnded = false
        /// What the client gave as its reason to close.
        var code: UInt16?
        var waiter: CheckedContinuation<Message?, Never>?
        var lastSign = ContinuousClock.now
        var resume: (@Sendable () -> Void)?
    }

    /// With so much waiting, no more is read from the socket.
    private static let limit = 1 << 20

    private let state = Mutex(State())

    var isFull: Bool { state.withLock { $0.bytes >= Self.limit } }
    /// When the client last sent anything.
    var lastSign: ContinuousClock.Instant { state.withLock { $0.lastSign } }
    var closeCode: UInt16? { state.withLock { $0.code } }

    var hasEnded: Bool { state.withLock { $0.hasEnded } }

    func noteSign() {
        state.withLock { $0.lastSign = .now }
    }

    func onRoom(_ resume: @escaping @Sendable () -> Void) {
        state.withLock { $0.resume = resume }
    }

    func put(_ message: Message) {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            if state.waiter == nil, !state.hasEnded {
                state.messages.append(message)
                state.bytes += message.bytes
            }
            return state.waiter
        }
        waiter?.resume(returning: message)
    }

    func end(code: UInt16? = nil) {
        let waiter = state.withLock { state in
            state.hasEnded = true
            state.code = state.code ?? code
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: nil)
    }

    /// The next message; nil when the client has left, or the task is cancelled.
    func next() async -> Message? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (answer, resume) = state.withLock { state -> (Message??, (@Sendable () -> Void)?) in
                    if Task.isCancelled { return (.some(nil), nil) }
                    guard !state.messages.isEmpty else {
                        if state.hasEnded { return (.some(nil), nil) }
                        state.waiter = continuation
                        return (nil, nil)
                    }
                    let wasFull = state.bytes >= Self.limit
                    let message = state.messages.removeFirst()
                    state.bytes -= message.bytes
                    return (.some(message), wasFull && state.bytes < Self.limit ? state.resume : nil)
                }
                if let answer { continuation.resume(returning: answer) }
                resume?()
            }
        } onCancel: {
            state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }?.resume(returning: nil)
        }
    }
}
