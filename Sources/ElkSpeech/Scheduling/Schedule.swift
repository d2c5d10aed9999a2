/// Decides what the engine does next for the jobs that share it.
///
/// Windows are encoded in turns that are fair by seconds of audio; whoever decodes takes a step together with all others that do.
/// Decides only; `SpeechEngine` does it. Times are seconds of any steady clock.
struct Schedule {
    typealias Job = UInt64

    enum Unit: Hashable {
        /// The next piece of this job's window.
        case encode(Job)
        /// The next tokens of these jobs in one pass of the decoder.
        case decode([Job])
        /// Somebody is about to ask: see again after so many seconds, or when somebody has.
        case wait(Double)
        case nothing
    }

    private enum Wish {
        case none
        /// Has been answered at this time, and will likely ask for more soon.
        case thinking(since: Double)
        case encode(hasBegun: Bool)
        case decode(tokens: Int)
    }

    private struct Entry {
        var wish = Wish.none
        var isNew = true
        /// Order of the last request.
        var arrival: UInt64 = 0
        /// What the window was, or is to be, encoded at on the clock of the audio.
        var start = 0.0
        var finish = 0.0
        /// The clock when it was asked for.
        var turn = 0.0
        /// By so many seconds of audio others must be behind this window to go before it.
        var lead = Schedule.lead
    }

    /// Windows that may be under way at once: one, and one for whoever goes before it.
    let encoders: Int
    /// Tokens in one pass.
    private let tokensTogether: Int
    private let rowsOfOneJob: Int
    private var entries: [Job: Entry] = [:]
    private var arrivals: UInt64 = 0
    /// Seconds of audio that a job which has always been here would have had by now.
    private var clock = 0.0
    private var lastPass = 0.0
    private var encodingSincePass = 0.0

    /// Seconds of audio that a newcomer starts ahead of everybody else: its first window goes before theirs.
    private static let welcome = 30.0
    /// By so many seconds of audio a job may be ahead before others go first without sharing.
    private static let lead = 10.0
    /// While windows wait, passes of the decoder get about an eighth of the time: then more jobs share each.
    private static let encodingShare = 7.0

    init(encoders: Int = 2, rowsOfOneJob: Int = Decoder.rowsTogether, tokensTogether: Int = 96) {
        self.encoders = encoders
        self.rowsOfOneJob = rowsOfOneJob
        self.tokensTogether = tokensTogether
    }

    /// Jobs that have begun and not ended.
    var jobs: Int { entries.count }

    private var newcomer: Entry { Entry(start: clock - Self.welcome) }

    mutating func begin(_ job: Job) {
        entries[job] = newcomer
    }

    mutating func end(_ job: Job) {
        entries[job] = nil
    }

    /// `job` wants a window of so many seconds encoded.
    ///
    /// - Parameter isAgain: a part of what it had already, which costs it nothing and is no new turn.
    mutating func wantsWindow(_ job: Job, seconds: Double, isAgain: Bool = false) {
        var entry = entries[job] ?? newcomer
        if !isAgain || entry.isNew {
            entry.start = entry.isNew ? clock - Self.welcome : max(clock, entry.finish)
            // A newcomer's start says that it is ahead, not that it has had less than others.
            entry.lead = entry.isNew ? Self.welcome + Self.lead : Self.lead
            entry.finish = entry.start + seconds
            entry.isNew = false
            entry.turn = clock
        } else {
            // Others have been heard since that turn: it is as far ahead of them as it was then, not by what they had.
            entry.start += clock - entry.turn
            entry.finish = max(entry.start, entry.finish)
            entry.turn = clock
        }
        entry.wish = .encode(hasBegun: false)
        ask(job, entry)
    }

    /// `job` wants a pass over so many tokens.
    mutating func wantsPass(_ job: Job, tokens: Int) {
        var entry = entries[job] ?? newcomer
        entry.wish = .decode(tokens: tokens)
        ask(job, entry)
    }

    private mutating func ask(_ job: Job, _ entry: Entry) {
        var entry = entry
        arrivals += 1
        entry.arrival = arrivals
        entries[job] = entry
    }

    /// `job` no longer wants what it asked for.
    mutating func withdraw(_ job: Job) {
        entries[job]?.wish = .none
    }

    /// A piece of a window is done, the last one if `isLast`.
    mutating func encoded(_ job: Job, isLast: Bool, at time: Double, took seconds: Double) {
        encodingSincePass += seconds
        guard isLast, let entry = entries[job] else {
            entries[job]?.wish = .encode(hasBegun: true)
            return
        }
        clock += (entry.finish - entry.start) / Double(entries.count)
        entries[job]?.wish = .thinking(since: time)
    }

    mutating func decoded(_ jobs: [Job], at time: Double, took seconds: Double) {
        lastPass = seconds
        encodingSincePass = 0
        for job in jobs { entries[job]?.wish = .thinking(since: time) }
    }

    /// What is best done at `time`.
    func next(at time: Double) -> Unit {
        let window = nextWindow
        let ready = readyToDecode
        let thinking = thinkers(at: time)
        guard let window else {
            guard !ready.isEmpty else { return .nothing }
            if let last = thinking.map(\.until).max() { return .wait(last - time) }
            return .decode(together(ready))
        }
        let limit = window.start - window.lead
        if ready.contains(where: { $0.start < limit }) { return .decode(together(ready)) }
        if let last = thinking.filter({ $0.start < limit }).map(\.until).max() { return .wait(last - time) }
        if !ready.isEmpty, encodingSincePass >= Self.encodingShare * lastPass { return .decode(together(ready)) }
        return .encode(window.job)
    }

    /// Who is next to have a window encoded: whoever had the least audio, and of equals whoever asked first.
    private var nextWindow: (job: Job, start: Double, lead: Double)? {
        var (waiting, begun) = ([(job: Job, entry: Entry)](), [(job: Job, entry: Entry)]())
        for (job, entry) in entries {
            guard case .encode(let hasBegun) = entry.wish else { continue }
            if hasBegun { begun.append((job, entry)) } else { waiting.append((job, entry)) }
        }
        let candidates = begun.count < encoders ? begun + waiting : begun
        return candidates.min { ($0.entry.start, $0.entry.arrival) < ($1.entry.start, $1.entry.arrival) }
            .map { ($0.job, $0.entry.start, $0.entry.lead) }
    }

    private var readyToDecode: [(job: Job, tokens: Int, start: Double)] {
        entries.compactMap { job, entry -> (job: Job, entry: Entry, tokens: Int)? in
            guard case .decode(let tokens) = entry.wish else { return nil }
            return (job, entry, tokens)
        }
        .sorted { $0.entry.arrival < $1.entry.arrival }
        .map { ($0.job, $0.tokens, $0.entry.start) }
    }

    /// Who is likely to ask again, and until when it is worth waiting for.
    ///
    /// A third of a pass at most: then those that are left take it together, and the others the next.
    private func thinkers(at time: Double) -> [(start: Double, until: Double)] {
        guard entries.count > 1 else { return [] }
        let patience = min(max(lastPass / 3, 0.0005), 0.005)
        return entries.values.compactMap { entry in
            guard case .thinking(let since) = entry.wish, since + patience > time else { return nil }
            return (entry.start, since + patience)
        }
    }

    /// As many of `ready` as go together: the first, and with it those that are small enough if it is itself.
    private func together(_ ready: [(job: Job, tokens: Int, start: Double)]) -> [Job] {
        guard let first = ready.first, first.tokens <= rowsOfOneJob else { return ready.first.map { [$0.job] } ?? [] }
        var room = tokensTogether
        return ready.compactMap { candidate in
            guard candidate.tokens <= min(rowsOfOneJob, room) else { return nil }
            room -= candidate.tokens
            return candidate.job
        }
    }
}
