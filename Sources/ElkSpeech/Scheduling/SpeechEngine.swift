import Dispatch
import Synchronization

/// Runs the network for any number of sessions at once, on the threads of those sessions.
///
/// Whoever asks first leads: does its own request and, in the order that `Schedule` has it, those of all others that come
/// meanwhile, who sleep until they are answered; then the next of them leads. So a session that is alone changes no thread.
public final class SpeechEngine: Sendable {
    package let model: WhisperModel
    private let state: Mutex<State>
    /// Wakes a leader that waits for requests.
    private let arrivals = DispatchSemaphore(value: 0)
    private let works: Works

    private struct State {
        var schedule = Schedule()
        var waiting: [EngineJob] = []
        var isLed = false
        var leaderSleeps = false
        var lastID: UInt64 = 0
    }

    /// What only the leader touches.
    private final class Works: @unchecked Sendable {
        // Safe to share: leadership passes from thread to thread under the lock.
        let decoder: Decoder
        /// The second is made when somebody goes before a window that is under way.
        var encoders: [Encoder?]
        /// Of passes whose jobs may still read them, and such that are free.
        var logits: [AlignedMemory<Float>] = []

        init(_ model: WhisperModel, encoders: Int) {
            decoder = Decoder(model)
            self.encoders = Array(repeating: nil, count: encoders)
        }
    }

    public init(_ model: WhisperModel) {
        self.model = model
        let state = State()
        works = Works(model, encoders: state.schedule.encoders)
        self.state = Mutex(state)
    }

    /// Jobs that are at work.
    package var load: Int { state.withLock { $0.schedule.jobs } }

    func makeJob() -> EngineJob {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        return EngineJob(id: id, decoder: DecoderState(model))
    }

    /// From here to its end a job has its turns and counts as load.
    func begin(_ job: EngineJob) {
        job.reach = 0
        state.withLock { $0.schedule.begin(job.id) }
    }

    func end(_ job: EngineJob) {
        job.logits = nil
        state.withLock { $0.schedule.end(job.id) }
    }

    /// Has `request` done; returns when it is, or sooner with a window half encoded if the job is cancelled.
    func perform(_ request: EngineJob.Request, for job: EngineJob) {
        job.request = request
        job.isAnswered = false
        job.logits = nil
        let leads = state.withLock { state in
            switch request {
            case .window(let run):
                let seconds = Double(run.layout.rows) * Timestamp.step
                let end = run.start + run.count
                state.schedule.wantsWindow(job.id, seconds: seconds, isAgain: end <= job.reach)
                job.reach = max(job.reach, end)
            case .tokens(let part): state.schedule.wantsPass(job.id, tokens: part.tokens.count)
            case .alignment: state.schedule.wantsPass(job.id, tokens: .max)
            }
            state.waiting.append(job)
            if !state.isLed {
                state.isLed = true
                return true
            }
            if state.leaderSleeps { arrivals.signal() }
            state.leaderSleeps = false
            return false
        }
        if !leads {
            job.wake.wait()
            if job.isAnswered { return }
        }
        lead(until: job)
    }

    private enum Order {
        case unit(Schedule.Unit)
        case handOver(EngineJob?)
    }

    private func lead(until job: EngineJob) {
        while true {
            let order = state.withLock { state in
                dropCancelled(&state, except: job)
                if job.isAnswered {
                    state.isLed = !state.waiting.isEmpty
                    return Order.handOver(state.waiting.first)
                }
                let unit = state.schedule.next(at: Stopwatch.now)
                if case .wait = unit { state.leaderSleeps = true }
                return .unit(unit)
            }
            switch order {
            case .handOver(let next):
                next?.wake.signal()
                return
            case .unit(.encode(let id)): encode(id, leader: job)
            case .unit(.decode(let ids)): decode(ids, leader: job)
            case .unit(.wait(let seconds)):
                _ = arrivals.wait(timeout: .now() + max(seconds, 0))
                state.withLock { $0.leaderSleeps = false }
            // The leader's own request is there until it is answered.
            case .unit(.nothing): return
            }
        }
    }

    /// Answers those that wait for a window nobody wants any more.
    private func dropCancelled(_ state: inout State, except leader: EngineJob) {
        for job in state.waiting {
            guard case .window = job.request, job.isCancelled() else { continue }
            state.schedule.withdraw(job.id)
            answer([job], leader: leader, &state)
        }
    }

    private func answer(_ jobs: [EngineJob], leader: EngineJob, _ state: inout State) {
        state.waiting.removeAll { waiting in jobs.contains { $0 === waiting } }
        for job in jobs {
            job.encoder = nil
            job.request = nil
            job.isAnswered = true
            if job !== leader { job.wake.signal() }
        }
    }

    private func jobs(_ ids: [Schedule.Job]) -> [EngineJob] {
        state.withLock { state in ids.compactMap { id in state.waiting.first { $0.id == id } } }
    }

    private func encode(_ id: Schedule.Job, leader: EngineJob) {
        guard let job = jobs([id]).first, case .window(var run) = job.request else { return }
        let start = Stopwatch.now
        let encoder = encoder(of: job)
        let before = encoder.times
        encoder.advance(&run)
        job.times.add(encoder.times.since(before))
        job.request = .window(run)
        let end = Stopwatch.now
        state.withLock { state in
            state.schedule.encoded(id, isLast: run.isDone, at: end, took: end - start)
            if run.isDone { answer([job], leader: leader, &state) }
        }
    }

    private func encoder(of job: EngineJob) -> Encoder {
        let taken = state.withLock { $0.waiting.compactMap(\.encoder) }
        let place = job.encoder ?? works.encoders.indices.first { !taken.contains($0) } ?? 0
        job.encoder = place
        if let encoder = works.encoders[place] { return encoder }
        let encoder = Encoder(model)
        works.encoders[place] = encoder
        return encoder
    }

    private func decode(_ ids: [Schedule.Job], leader: EngineJob) {
        let jobs = jobs(ids)
        let start = Stopwatch.now
        let before = works.decoder.times
        if jobs.count == 1, case .alignment(let tokens) = jobs[0].request {
            jobs[0].alignment = works.decoder.align(tokens, jobs[0].decoder)
        } else {
            decode(jobs)
        }
        let end = Stopwatch.now
        let spent = works.decoder.times.since(before)
        let tokens = jobs.map(\.tokens)
        let all = tokens.reduce(0, +)
        for (job, tokens) in zip(jobs, tokens) { job.times.add(spent.share(Double(tokens) / Double(max(all, 1)))) }
        state.withLock { state in
            state.schedule.decoded(ids, at: end, took: end - start)
            answer(jobs, leader: leader, &state)
        }
    }

    private func decode(_ jobs: [EngineJob]) {
        let parts = jobs.compactMap { job -> Decoder.Part? in
            guard case .tokens(let part) = job.request else { return nil }
            return part
        }
        let rows = parts.reduce(0) { $0 + $1.outputs }
        let logits = freeLogits(rows: rows)
        works.decoder.run(parts, into: logits)
        var row = 0
        for (job, part) in zip(jobs, parts) {
            job.logits = logits
            job.firstRow = row
            row += part.outputs
        }
    }

    /// Memory that no job reads any more.
    private func freeLogits(rows: Int) -> AlignedMemory<Float> {
        let count = rows * model.shape.vocabulary
        for index in works.logits.indices where isKnownUniquelyReferenced(&works.logits[index]) {
            if works.logits[index].count < count { works.logits[index] = AlignedMemory(count) }
            return works.logits[index]
        }
        let logits = AlignedMemory<Float>(count)
        works.logits.append(logits)
        return logits
    }
}

extension EngineJob {
    fileprivate var tokens: Int {
        switch request {
        case .tokens(let part): part.tokens.count
        case .alignment(let tokens): tokens.count
        case .window, nil: 0
        }
    }
}
