package import ElkStorage
package import ElkWire
package import Logging
package import NIOCore
import ServiceLifecycle
import Synchronization

/// Keeps answers of the Responses API for the clients that they belong to, so that they can be asked for again whichever
/// upstream made them.
///
/// Writing waits for nobody's request: rows go into a bounded queue that a task of its own empties, and are found there until
/// they are in the database. What does not fit is not kept, and counted.
package final class ResponseArchive: Service {
    private static let maxQueuedBytes = 64 << 20
    private static let secondsBetweenSweeps = 600

    private struct Queue {
        var rows: [String: StoredResponse] = [:]
        var order: [String] = []
        var bytes = 0
        var dropped = 0
    }

    private let store: Store
    private let logger: Logger
    private let now: @Sendable () -> Int64
    /// How long an answer is kept.
    private let lifetime: Int64
    private let queue = Mutex(Queue())
    private let (wakes, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))

    /// - Parameter days: how long an answer is kept.
    package init(store: Store, days: Int = 30, logger: Logger, now: @escaping @Sendable () -> Int64) {
        self.store = store
        self.logger = logger
        self.now = now
        lifetime = Int64(days) * 86_400_000
    }

    /// Until when an answer of that time is kept.
    func expiry(of created: Int64) -> Int64 { created + lifetime }

    /// How many answers found no room.
    package var dropped: Int { queue.withLock { $0.dropped } }

    /// Takes a row to be written soon; it can be found at once.
    package func keep(_ row: StoredResponse) {
        queue.withLock { queue in
            let size = row.body.count + row.inputItems.count
            guard queue.bytes + size <= Self.maxQueuedBytes else {
                queue.dropped += 1
                return
            }
            if let old = queue.rows[row.id] {
                // Of another owner: ids are not to be taken over.
                guard old.owner == row.owner else { return }
                queue.bytes -= old.body.count + old.inputItems.count
            } else {
                queue.order.append(row.id)
            }
            queue.rows[row.id] = row
            queue.bytes += size
        }
        wake.yield()
    }

    /// - Throws: 404 for what is not there, has expired or is another's.
    package func find(id: String, owner: String) async throws(Failure) -> ArchivedResponse {
        let queued = queue.withLock { $0.rows[id] }
        var row = queued?.owner == owner ? queued : nil
        if row == nil {
            do throws(StorageError) {
                row = try await store.response(id: id, owner: owner, now: now())
            } catch {
                guard error.code == .notFound else { throw .archiveFailed(error) }
            }
        }
        guard let row, let response = ArchivedResponse(row) else { throw .unknownResponse(id) }
        return response
    }

    package func delete(id: String, owner: String) async throws(Failure) {
        let wasQueued = queue.withLock { queue in
            guard let row = queue.rows[id], row.owner == owner else { return false }
            queue.rows[id] = nil
            queue.order.removeAll { $0 == id }
            queue.bytes -= row.body.count + row.inputItems.count
            return true
        }
        do throws(StorageError) {
            try await store.deleteResponse(id: id, owner: owner)
        } catch {
            guard error.code == .notFound else { throw .archiveFailed(error) }
            if !wasQueued { throw .unknownResponse(id) }
        }
    }

    /// The reply, with a copy of it going to the archive.
    ///
    /// - Parameter input: the items that the answer is made from, a JSON array.
    package func recording(_ reply: Reply, owner: String, input: ByteBuffer, streams: Bool) -> Reply {
        guard reply.status == 200 else { return reply }
        let now = now()
        var recorder = ResponseRecorder(
            owner: owner,
            input: input,
            streams: streams,
            now: now,
            expires: now + lifetime
        )
        switch reply.body {
        case .whole(let body):
            recorder.consume(body)
            if let row = recorder.finish() { keep(row) }
            return reply
        case .stream(let stream):
            var recorded = reply
            recorded.body = .stream(RecordedStream(stream, recorder: recorder, archive: self))
            return recorded
        }
    }

    /// Writes what was kept until it is told to stop, and then what is left.
    package func run() async throws {
        await withTaskGroup { group in
            group.addTask { await self.writeUntilShutdown() }
            group.addTask { await self.sweepUntilShutdown() }
        }
        await writeAll()
    }

    private func writeUntilShutdown() async {
        for await _ in wakes.cancelOnGracefulShutdown() { await writeAll() }
    }

    private func sweepUntilShutdown() async {
        let ticks = AsyncStream<Void> {
            do {
                try await Task.sleep(for: .seconds(Self.secondsBetweenSweeps))
                return ()
            } catch {
                return nil
            }
        }
        for await _ in ticks.cancelOnGracefulShutdown() {
            do throws(StorageError) {
                _ = try await store.sweepResponses(now: now())
            } catch {
                logger.warning("expired responses could not be removed", metadata: ["error": "\(error)"])
            }
        }
    }

    private func writeAll() async {
        while let row = queue.withLock({ queue in queue.order.first.flatMap { queue.rows[$0] } }) {
            do throws(StorageError) {
                try await store.saveResponse(row)
            } catch {
                logger.error("a response could not be kept", metadata: ["error": "\(error)"])
            }
            queue.withLock { queue in
                // Replaced or deleted while it was written: what stands there now has its own turn.
                guard queue.rows[row.id] == row else { return }
                queue.rows[row.id] = nil
                queue.order.removeAll { $0 == row.id }
                queue.bytes -= row.body.count + row.inputItems.count
            }
        }
    }
}

extension Failure {
    /// Says the same of what never was and of what is another's.
    package static func unknownResponse(_ id: String) -> Failure {
        Failure(.notFound, "Response with id '\(id)' not found.", parameter: "id", code: "response_not_found")
    }

    static func archiveFailed(_ error: StorageError) -> Failure {
        Failure(.internal, "The stored responses cannot be reached.", detail: "\(error)")
    }
}
