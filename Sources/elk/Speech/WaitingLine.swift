/// Who may work now and who waits, first come, first served.
///
/// Decides only; `Turnstile` suspends and resumes.
struct WaitingLine {
    typealias Ticket = UInt64

    enum Arrival: Hashable {
        case start
        case wait
        /// The line is full; a place is likely to be free in this many seconds.
        case refuse(retryAfter: Int)
    }

    let places: Int
    let limit: Int
    private(set) var running = 0
    private(set) var waiting: [Ticket] = []
    /// Mean seconds of a job, a guess until the first one is done.
    private(set) var meanSeconds = 10.0
    private var hasMeasured = false

    init(places: Int, limit: Int) {
        self.places = places
        self.limit = limit
    }

    mutating func arrive(_ ticket: Ticket) -> Arrival {
        if running < places {
            running += 1
            return .start
        }
        guard waiting.count < limit else {
            let seconds = meanSeconds * Double(waiting.count + 1) / Double(places)
            return .refuse(retryAfter: Int(min(max(seconds, 1), 600).rounded(.up)))
        }
        waiting.append(ticket)
        return .wait
    }

    /// Takes a job that took `seconds` off.
    ///
    /// - Returns: who starts in its place.
    mutating func leave(after seconds: Double) -> Ticket? {
        meanSeconds = hasMeasured ? meanSeconds * 0.7 + seconds * 0.3 : seconds
        hasMeasured = true
        guard waiting.isEmpty else { return waiting.removeFirst() }
        running -= 1
        return nil
    }

    mutating func giveUp(_ ticket: Ticket) {
        waiting.removeAll { $0 == ticket }
    }
}
