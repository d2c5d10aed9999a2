package import ElkWire
package import NIOCore
import NIOPosix
import Synchronization

/// A job of the local engine under way, told piece by piece to one reader.
///
/// The engine never waits for a reader that is slow, since other jobs share its passes. What it has said is kept until it is read,
/// which is bounded by the length of the recording; a reader that falls too far behind all the same counts as gone.
package final class TranscriptFeed: Sendable {
    package enum Item: Sendable {
        case news(TranscriptNews)
        /// Nothing was said for as long as the reader would wait.
        case quiet
        /// The last one.
        case ended(Result<TranscriptionResult, Failure>)
        /// The reader's task was cancelled.
        case cancelled
    }

    /// News that wait for a slow reader: some hours of speech.
    private static let limit = 16_384

    private let box: Box
    private let work: Task<Void, Never>

    /// Starts the job, which ends when it is done, when it is cancelled, or with the last reference to this.
    package init(_ job: TranscriptionJob, on transcriber: any Transcriber) {
        let box = Box(limit: Self.limit)
        self.box = box
        work = Task {
            do throws(Failure) {
                let result = try await transcriber.transcribe(job) { news in
                    if !box.put(.news(news)) { box.overflow() }
                }
                box.end(.success(result))
            } catch {
                box.end(.failure(error))
            }
        }
        let work = work
        box.onOverflow { work.cancel() }
    }

    deinit { work.cancel() }

    /// Lets `next` give an item once more, before all others.
    func putBack(_ item: Item) { box.putBack(item) }

    package func cancel() { work.cancel() }

    /// Ends the job for a reason of ours, which is the last item.
    func stop(_ failure: Failure) {
        box.end(.failure(failure))
        work.cancel()
    }

    /// What the job says next; one reader at a time.
    ///
    /// - Parameter quiet: how long to wait for it; nil waits on.
    package func next(quiet: TimeAmount? = nil) async -> Item {
        let timer = quiet.map { time in
            MultiThreadedEventLoopGroup.singleton.any().scheduleTask(in: time) { [box] in box.wake(.quiet) }
        }
        defer { timer?.cancel() }
        return await withTaskCancellationHandler {
            await withCheckedContinuation { box.wait($0, isCancelled: Task.isCancelled) }
        } onCancel: {
            box.wake(.cancelled)
        }
    }
}

/// What is between the engine's thread and the reader's task.
private final class Box: Sendable {
    private struct State {
        var items: [TranscriptFeed.Item] = []
        var first = 0
        var waiter: CheckedContinuation<TranscriptFeed.Item, Never>?
        var isCancelled = false
        var hasOverflown = false
        var overflow: (@Sendable () -> Void)?

        mutating func take() -> TranscriptFeed.Item? {
            guard first < items.count else { return nil }
            defer {
                first += 1
                if first == items.count {
                    items.removeAll(keepingCapacity: true)
                    first = 0
                }
            }
            return items[first]
        }
    }

    private let state = Mutex(State())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// False when too much waits already.
    func put(_ item: TranscriptFeed.Item) -> Bool {
        let (waiter, fits) = state.withLock { state -> (CheckedContinuation<TranscriptFeed.Item, Never>?, Bool) in
            if let waiter = state.waiter {
                state.waiter = nil
                return (waiter, true)
            }
            guard state.items.count < limit else { return (nil, false) }
            state.items.append(item)
            return (nil, true)
        }
        waiter?.resume(returning: item)
        return fits
    }

    func putBack(_ item: TranscriptFeed.Item) {
        state.withLock { $0.items.insert(item, at: $0.first) }
    }

    func end(_ result: Result<TranscriptionResult, Failure>) {
        let waiter = state.withLock { state in
            defer { state.waiter = nil }
            if state.waiter == nil { state.items.append(.ended(result)) }
            return state.waiter
        }
        waiter?.resume(returning: .ended(result))
    }

    func overflow() {
        state.withLock { state in
            state.hasOverflown = true
            return state.overflow
        }?()
    }

    func onOverflow(_ stop: @escaping @Sendable () -> Void) {
        let isLate = state.withLock { state in
            state.overflow = stop
            return state.hasOverflown
        }
        if isLate { stop() }
    }

    func wait(_ waiter: CheckedContinuation<TranscriptFeed.Item, Never>, isCancelled: Bool) {
        let item = state.withLock { state -> TranscriptFeed.Item? in
            if isCancelled || state.isCancelled { return .cancelled }
            if let item = state.take() { return item }
            state.waiter = waiter
            return nil
        }
        if let item { waiter.resume(returning: item) }
    }

    func wake(_ item: TranscriptFeed.Item) {
        let waiter = state.withLock { state in
            if case .cancelled = item { state.isCancelled = true }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume(returning: item)
    }
}
