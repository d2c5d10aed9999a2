package import ElkProviders
import ElkStorage
package import ElkWire
import Logging
package import NIOCore
import ServiceLifecycle
import Synchronization

/// Answers of the Responses API that are made while nobody waits for them (`background`): their client asks for them by id.
///
/// They are admitted, paid and kept like all others. How many may run is bounded; what still runs when the server stops gets the
/// time that requests get, and is kept as failed then.
package final class BackgroundResponses: ServiceLifecycle.Service {
    private static let maxRunning = 64

    private struct Job: Sendable {
        var id: String
        var owner: String
        var call: Call
        var client: Client
        var input: ByteBuffer
        var created: Int64
        var stop: StopSwitch
    }

    private let gateway: Gateway
    private let archive: ResponseArchive
    private let now: @Sendable () -> Int64
    private let jobs: AsyncStream<Job>
    private let queue: AsyncStream<Job>.Continuation
    private let running = Mutex<[String: (owner: String, stop: StopSwitch)]>([:])

    init(gateway: Gateway, archive: ResponseArchive, now: @escaping @Sendable () -> Int64) {
        self.gateway = gateway
        self.archive = archive
        self.now = now
        // No more are taken on than may run, so that this holds them all.
        (jobs, queue) = AsyncStream.makeStream(bufferingPolicy: .bufferingOldest(Self.maxRunning))
    }

    /// Takes a call on and says how its answer stands: queued.
    ///
    /// - Parameter document: the call's body.
    package func start(
        _ call: Call,
        _ document: JSONSlice,
        from client: Client,
        owner: String
    ) throws(Failure) -> ByteBuffer {
        guard document["store"]?.bool != false else {
            throw .invalidRequest("'background' needs 'store'.", parameter: "background", code: "invalid_value")
        }
        let id = "resp_" + call.id.description.dropFirst("req_".count)
        var edit = JSONEdit(document)
        edit.remove("background")
        edit.set("stream", bool: false)
        var call = call
        call.streams = false
        call.body = .json(try Self.parsed(edit.apply()))
        let job = Job(
            id: id,
            owner: owner,
            call: call,
            client: client,
            input: ResponseItems.input(of: document),
            created: now(),
            stop: StopSwitch()
        )
        let isTaken = running.withLock { running in
            guard running.count < Self.maxRunning else { return false }
            running[id] = (owner, job.stop)
            return true
        }
        guard isTaken else { throw .busy("Too many background responses are being made.", retryAfter: 10) }
        let answer = Self.answer(job, status: "queued")
        keep(job, answer, status: "queued")
        queue.yield(job)
        return answer
    }

    /// Stops one that is being made; false when it is not, or is another's.
    package func cancel(id: String, owner: String) -> Bool {
        guard let job = running.withLock({ $0[id] }), job.owner == owner else { return false }
        job.stop.turn()
        return true
    }

    package func run() async throws {
        await withDiscardingTaskGroup { group in
            for await job in jobs.cancelOnGracefulShutdown() {
                group.addTask { await self.perform(job) }
            }
        }
    }

    private func perform(_ job: Job) async {
        keep(job, Self.answer(job, status: "in_progress"), status: "in_progress")
        let ending: (answer: ByteBuffer, status: String) = await withTaskGroup { group in
            group.addTask { await self.answer(to: job) }
            group.addTask {
                await job.stop.untilTurned()
                return (Self.answer(job, status: "cancelled"), "cancelled")
            }
            let first = await group.next()
            group.cancelAll()
            return first ?? (Self.answer(job, status: "cancelled"), "cancelled")
        }
        running.withLock { $0[job.id] = nil }
        keep(job, ending.answer, status: ending.status)
    }

    private func answer(to job: Job) async -> (ByteBuffer, String) {
        do throws(Failure) {
            let reply = try await gateway.handle(job.call, from: job.client)
            var body = ByteBuffer()
            switch reply.body {
            case .whole(let bytes): body = bytes
            case .stream(let stream):
                while let chunk = try await stream.next(), body.readableBytes < ResponseRecorder.maxBytes {
                    body.writeImmutableBuffer(chunk)
                }
            }
            let response = try Self.parsed(body)
            var edit = JSONEdit(response)
            edit.set("id", string: job.id)
            edit.set("background", bool: true)
            return (edit.apply(), response["status"]?.string ?? "completed")
        } catch {
            return (Self.answer(job, status: "failed", failure: error), "failed")
        }
    }

    private func keep(_ job: Job, _ answer: ByteBuffer, status: String) {
        archive.keep(
            StoredResponse(
                id: job.id,
                owner: job.owner,
                status: status,
                body: Array(ArchivedResponse.body(response: answer, events: []).readableBytesView),
                inputItems: Array(job.input.readableBytesView),
                created: job.created,
                expires: archive.expiry(of: job.created)
            )
        )
    }

    private static func answer(_ job: Job, status: String, failure: Failure? = nil) -> ByteBuffer {
        JSONWriter.text { writer in
            writer.object { body in
                body.member("id", job.id)
                body.member("object", "response")
                body.member("created_at", Int(job.created / 1000))
                body.member("status", status)
                body.member("background", true)
                if let failure {
                    body.object("error") { error in
                        error.member("code", failure.code ?? "server_error")
                        error.member("message", failure.message)
                    }
                } else {
                    body.nullMember("error")
                }
                body.nullMember("incomplete_details")
                body.member("model", job.call.model)
                body.array("output") { _ in }
                body.nullMember("usage")
            }
        }
    }

    private static func parsed(_ text: ByteBuffer) throws(Failure) -> JSONSlice {
        do throws(JSONError) {
            return try JSONSlice(validating: text)
        } catch {
            throw Failure(.upstream, "The provider's answer cannot be read.", detail: "\(error)")
        }
    }
}

/// Turned once, by whoever wants something to stop.
final class StopSwitch: Sendable {
    private struct State {
        var isTurned = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    var isTurned: Bool { state.withLock { $0.isTurned } }

    func turn() {
        state.withLock { state in
            state.isTurned = true
            defer { state.waiter = nil }
            return state.waiter
        }?.resume()
    }

    /// Returns when it has been turned, or the task is cancelled.
    ///
    /// Only one task may wait.
    func untilTurned() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let returnsNow = state.withLock { state in
                    guard !state.isTurned, !Task.isCancelled else { return true }
                    state.waiter = continuation
                    return false
                }
                if returnsNow { continuation.resume() }
            }
        } onCancel: {
            state.withLock { state in
                defer { state.waiter = nil }
                return state.waiter
            }?.resume()
        }
    }
}
