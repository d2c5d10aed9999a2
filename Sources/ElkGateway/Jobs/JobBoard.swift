/// All jobs of this server and how they stand: who begins next, what there is room for, what has had its time.
///
/// Decides only; `AudioJobs` does it.
struct JobBoard {
    struct Entry {
        var job: AudioJob
        /// Open from its admission to its end; nil for one that an earlier process admitted.
        var account: RequestAccount?
        let stop = StopSwitch()
        var isRunning = false
        /// Not to be begun before, in milliseconds since 1970.
        var notBefore = Int64.min
        var reached = 0.0
        var segments: [SpokenSegment] = []
        /// Its end is still to be told, and nobody does it yet.
        var awaitsDelivery = false

        init(_ job: AudioJob, account: RequestAccount? = nil) {
            (self.job, self.account) = (job, account)
            if job.status.isFinal { reached = job.status == .completed ? job.duration ?? 0 : 0 }
            awaitsDelivery = job.status.isFinal && job.webhook?.state == .pending
        }
    }

    /// What stands in the way of one more job.
    enum Obstacle: Error, Hashable { case tooMany, noRoom }

    /// Kept in memory, the finished ones too; each is about a kilobyte.
    static let mostJobs = 20_000
    /// What a job takes on disk beside its content.
    static let overhead = 16 << 10

    private(set) var entries: [String: Entry] = [:]
    private var reserved = (jobs: 0, bytes: 0)
    /// When the last job of an owner began, in order.
    private var turns: [AudioJob.Owner: Int] = [:]
    private var lastTurn = 0

    subscript(id: String) -> Entry? {
        get { entries[id] }
        // In place: an entry may hold the segments of hours.
        _modify { yield &entries[id] }
    }

    var unfinished: Int { entries.values.count { !$0.job.status.isFinal } + reserved.jobs }

    /// Bytes that all jobs take on disk.
    var storedBytes: Int {
        entries.values.reduce(reserved.bytes) { $0 + $1.job.storedBytes + Self.overhead }
    }

    /// Takes a place and room on disk for a job to come.
    mutating func reserve(bytes: Int, queueLimit: Int, maxBytes: Int) throws(Obstacle) {
        guard unfinished < queueLimit, entries.count + reserved.jobs < Self.mostJobs else { throw .tooMany }
        guard storedBytes + bytes + Self.overhead <= maxBytes else { throw .noRoom }
        reserved = (reserved.jobs + 1, reserved.bytes + bytes + Self.overhead)
    }

    /// Gives back what was reserved.
    mutating func unreserve(bytes: Int) {
        reserved = (reserved.jobs - 1, reserved.bytes - bytes - Self.overhead)
    }

    /// The job to begin, marked as running: of the owners that wait the one who has fewest at work and whose last turn is longest
    /// ago, and of its jobs the oldest.
    mutating func beginNext(parallel: Int, now: Int64) -> Entry? {
        var running: [AudioJob.Owner: Int] = [:]
        for entry in entries.values where entry.isRunning { running[entry.job.owner, default: 0] += 1 }
        guard running.values.reduce(0, +) < parallel else { return nil }
        let waiting = entries.values.filter { !$0.job.status.isFinal && !$0.isRunning && $0.notBefore <= now }
        let ranked = waiting.map { entry in
            let owner = entry.job.owner
            return (rank: (running[owner] ?? 0, turns[owner] ?? 0, entry.job.created, entry.job.id), entry: entry)
        }
        guard var next = ranked.min(by: { $0.rank < $1.rank })?.entry else { return nil }
        next.isRunning = true
        next.job.status = .inProgress
        next.job.started = next.job.started ?? now
        entries[next.job.id] = next
        lastTurn += 1
        turns[next.job.owner] = lastTurn
        return next
    }

    /// The jobs whose end is to be told now; each is given once.
    mutating func takeDeliveries() -> [String] {
        let ids = entries.values.filter(\.awaitsDelivery).map(\.job.id)
        for id in ids { entries[id]?.awaitsDelivery = false }
        return ids
    }

    /// Takes off the jobs whose time is over.
    mutating func expire(keep: Int64, now: Int64) -> [String] {
        let ids = entries.values.filter { entry in entry.job.ended.map { $0 + keep <= now } ?? false }.map(\.job.id)
        for id in ids { entries[id] = nil }
        let owners = Set(entries.values.map(\.job.owner))
        turns = turns.filter { owners.contains($0.key) }
        return ids
    }
}
