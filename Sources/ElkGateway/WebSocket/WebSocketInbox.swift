package import NIOCore
import Synchronization

/// Messages of the other side that wait for the one task that reads them.
package final class WebSocketInbox: Sendable {
    package enum Message: Sendable {
        case text(ByteBuffer)
        case binary(ByteBuffer)

        package var bytes: Int {
            switch self {
            case .text(let buffer), .binary(let buffer): buffer.readableBytes
            }
        }

        /// Bytes of memory, about: an empty message takes some, too.
        fileprivate var cost: Int { bytes + 256 }
    }

    /// Why nothing more comes.
    package enum Ending: Sendable, Hashable {
        /// The other side said goodbye; nil: without a code.
        case closed(WebSocketClosing?)
        /// The other side broke the rules, and was told so.
        case refused(WebSocketClosing)
        /// The connection ended without a word.
        case cut
        /// This side has closed.
        case left
    }

    private struct State {
        var messages = CircularBuffer<Message>()
        var bytes = 0
        var ending: Ending?
        var waiter: CheckedContinuation<Message?, Never>?
        var watcher: CheckedContinuation<Void, Never>?
        var lastSign = ContinuousClock.now
        var resume: (@Sendable () -> Void)?
    }

    /// With so much waiting, no more is read from the socket.
    private static let limit = 1 << 20

    private let state = Mutex(State())

    package init() {}

    package var isFull: Bool { state.withLock { $0.bytes >= Self.limit } }
    /// When the other side last sent anything.
    package var lastSign: ContinuousClock.Instant { state.withLock { $0.lastSign } }
    /// Nil while more may come.
    package var ending: Ending? { state.withLock { $0.ending } }

    func noteSign() {
        state.withLock { $0.lastSign = .now }
    }

    func onRoom(_ resume: @escaping @Sendable () -> Void) {
        state.withLock { $0.resume = resume }
    }

    func put(_ message: Message) {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            if state.waiter == nil, state.ending == nil {
                state.messages.append(message)
                state.bytes += message.cost
            }
            return state.waiter
        }
        waiter?.resume(returning: message)
    }

    /// Only the first ending counts.
    func end(_ ending: Ending) {
        let (waiter, watcher) = state.withLock { state in
            state.ending = state.ending ?? ending
            // It holds the handler, which holds this.
            state.resume = nil
            defer {
                state.waiter = nil
                state.watcher = nil
            }
            return (state.waiter, state.watcher)
        }
        waiter?.resume(returning: nil)
        watcher?.resume()
    }

    /// Takes no more messages, and drops those that wait: this side is about to close.
    package func stop() {
        state.withLock { state in
            guard state.ending == nil else { return }
            state.messages.removeAll()
            state.bytes = 0
        }
        end(.left)
    }

    /// The next message; nil when there will be none, or the task is cancelled.
    package func next() async -> Message? {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let (answer, resume) = state.withLock { state -> (Message??, (@Sendable () -> Void)?) in
                    if Task.isCancelled { return (.some(nil), nil) }
                    guard let message = state.messages.popFirst() else {
                        if state.ending != nil { return (.some(nil), nil) }
                        state.waiter = continuation
                        return (nil, nil)
                    }
                    let wasFull = state.bytes >= Self.limit
                    state.bytes -= message.cost
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

    /// Returns when no more messages arrive, however many still wait, or when the task is cancelled; only one task may wait.
    package func untilEnded() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    guard state.ending == nil, !Task.isCancelled else { return true }
                    state.watcher = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { state in
                defer { state.watcher = nil }
                return state.watcher
            }?.resume()
        }
    }
}
