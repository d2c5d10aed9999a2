/// Who may work now and who waits, first come, first served, and how long what is here will take.
///
/// Patient jobs, which no client waits for, begin when nobody else waits, in places of their own: they neither take a place from the
/// others nor lengthen the wait that is told to those who are refused.
///
/// Decides only; `Turnstile` suspends and resumes.
struct WaitingLine {
    typealias Ticket = UInt64

    enum Arrival: Hashable {
        case start
        case wait
        /// The line is full; what is here now is likely to be done in this many seconds.
        case refuse(retryAfter: Int)
    }

    let places: Int
    let limit: Int
    var running: Int { working.count }
    private(set) var waiting: [Ticket] = []
    private(set) var patient: [Ticket] = []
    /// Seconds of audio still to be heard of each patient job at work.
    private(set) var background: [Ticket: Double] = [:]
    /// Seconds of audio still to be heard or spoken of each job at work, as far as that is known.
    private var working: [Ticket: Double] = [:]
    /// Seconds of audio of those jobs that wait and know it.
    private var expected: [Ticket: Double] = [:]
    /// Seconds of audio of a job, a guess until the first one is known.
    private(set) var meanAudio = 60.0
    /// Seconds of audio a second of all jobs together, a guess until the first are done.
    private(set) var speed = 6.0
    private var hasHeard = false
    private var hasMeasured = false
    /// The measurement under way: since when somebody is at work, and what was heard since.
    private var busySince: Double?
    private var heard = 0.0

    /// A measurement takes so many seconds; shorter ones are counted when the line falls idle.
    private static let period = 2.0

    init(places: Int, limit: Int) {
        self.places = places
        self.limit = limit
    }

    /// Seconds of audio of all jobs that are here.
    var backlog: Double {
        working.values.reduce(0, +) + waiting.map { expected[$0] ?? meanAudio }.reduce(0, +)
    }

    /// `time` is in seconds of any steady clock, here and below.
    ///
    /// - Parameters:
    ///   - audio: seconds of it, where the job knows them before its turn.
    ///   - isBegun: goes on with what was let in before, which no newcomers can shut out.
    mutating func arrive(_ ticket: Ticket, audio: Double? = nil, isBegun: Bool = false, at time: Double) -> Arrival {
        guard running < places || isBegun || waiting.count < limit else {
            let seconds = backlog / speed
            return .refuse(retryAfter: Int(min(max(seconds, 1), 600).rounded(.up)))
        }
        expected[ticket] = audio
        guard running >= places else {
            start(ticket, at: time)
            return .start
        }
        waiting.append(ticket)
        return .wait
    }

    /// A patient job; how many there are is bounded by whoever lets them come here.
    mutating func arrivePatiently(_ ticket: Ticket) { patient.append(ticket) }

    /// Who of the patient ones begins now.
    mutating func startPatient(at time: Double) -> [Ticket] {
        guard waiting.isEmpty else { return [] }
        defer { patient = [] }
        for ticket in patient {
            if busySince == nil { busySince = time }
            background[ticket] = 0
        }
        return patient
    }

    /// The recording of a job at work turns out to have so many seconds.
    mutating func learn(_ ticket: Ticket, audio seconds: Double) {
        if background[ticket] != nil { background[ticket] = seconds }
        guard working[ticket] != nil else { return }
        working[ticket] = seconds
        meanAudio = hasHeard ? meanAudio * 0.8 + seconds * 0.2 : seconds
        hasHeard = true
    }

    /// So many seconds of the recording of a job at work are still to be heard.
    mutating func progress(_ ticket: Ticket, left seconds: Double, at time: Double) {
        guard let before = working[ticket] ?? background[ticket] else { return }
        if working[ticket] != nil { working[ticket] = seconds } else { background[ticket] = seconds }
        heard += max(0, before - seconds)
        measure(at: time)
    }

    /// Takes a job off that is done.
    ///
    /// - Returns: who starts in its place.
    mutating func leave(_ ticket: Ticket, at time: Double) -> Ticket? {
        let leftPlace = working.removeValue(forKey: ticket) != nil
        background[ticket] = nil
        measure(at: time)
        guard leftPlace else { return nil }
        let next = waiting.isEmpty ? nil : waiting.removeFirst()
        if let next { start(next, at: time) }
        return next
    }

    mutating func giveUp(_ ticket: Ticket) {
        expected[ticket] = nil
        waiting.removeAll { $0 == ticket }
        patient.removeAll { $0 == ticket }
    }

    private mutating func start(_ ticket: Ticket, at time: Double) {
        if busySince == nil { busySince = time }
        working[ticket] = expected.removeValue(forKey: ticket) ?? meanAudio
    }

    private mutating func measure(at time: Double) {
        let isIdle = working.isEmpty && background.isEmpty
        guard let since = busySince, time > since, time - since >= Self.period || isIdle else { return }
        if heard > 0 {
            let measured = max(heard / (time - since), 0.01)
            speed = hasMeasured ? speed * 0.7 + measured * 0.3 : measured
            hasMeasured = true
        }
        heard = 0
        busySince = isIdle ? nil : time
    }
}
