/// The arithmetic of a wallet: one node's lease on one user's balance, and the holds drawn from it.
///
/// `remaining` is what the database last said of the lease; what can be drawn is that, less the open holds, less what was charged
/// and is not written yet. A lease or a write whose answer was lost makes this number too small, never too large, and the next
/// answer puts it right. A plain value: no clock, no lock, no database.
struct WalletState {
    struct OpenHold {
        var amount: Int64
        var expires: Int64
        var lease: String?
    }

    enum Draw: Equatable {
        /// Drawn. `isLow`: ask for more before the next one has to wait.
        case held(UInt64, isLow: Bool)
        /// Not enough here, perhaps more in the database.
        case short
        /// Not enough here, and the database had no more a moment ago.
        case refused
    }

    /// What a closed hold was drawn from.
    struct Closed: Equatable {
        var lease: String?
        /// False: it had expired, its money was free again already.
        var wasOpen: Bool
    }

    private(set) var lease: String?
    private var remaining: Int64 = 0
    /// Sums of the current lease alone.
    ///
    /// 128 bits: sums of 64-bit amounts cannot overflow.
    private var held: Int128 = 0
    private var unwritten: Int128 = 0
    private var returning: Int64 = 0
    private var holds: [UInt64: OpenHold] = [:]
    private var serial: UInt64 = 0
    private var dryUntil: Int64 = .min
    private var slice: Int64
    private var lastRefill: Int64 = .min
    private(set) var lastDraw: Int64 = 0
    let slices: ClosedRange<Int64>

    /// How long a refusal of the database is believed.
    private static let dryMilliseconds: Int64 = 1_000

    init(slices: ClosedRange<Int64>) {
        self.slices = slices
        slice = slices.lowerBound
    }

    /// Can be drawn now.
    ///
    /// Below zero when a request cost more than was held for it.
    var available: Int128 { Int128(remaining) - held - unwritten - Int128(returning) }
    var openHolds: Int { holds.count }
    var oldestExpiry: Int64? { holds.values.lazy.map(\.expires).min() }
    var heldAmount: Int128 { held }
    var unwrittenAmount: Int128 { unwritten }

    mutating func draw(_ amount: Int64, now: Int64, leaseIsValid: Bool, expires: Int64) -> Draw {
        guard leaseIsValid, lease != nil, available >= Int128(amount) else {
            return leaseIsValid && now < dryUntil ? .refused : .short
        }
        serial += 1
        holds[serial] = OpenHold(amount: amount, expires: expires, lease: lease)
        held += Int128(amount)
        lastDraw = now
        return .held(serial, isLow: available < Int128(slice / 2) && now >= dryUntil)
    }

    /// Makes an open hold larger by `more`, when that is here.
    mutating func extend(_ id: UInt64, by more: Int64, leaseIsValid: Bool) -> Bool {
        guard leaseIsValid, let hold = holds[id], hold.lease == lease, available >= Int128(more) else { return false }
        holds[id]?.amount += more
        held += Int128(more)
        return true
    }

    /// Ends a hold.
    ///
    /// What it cost stays set aside until the write is confirmed by `wrote`.
    mutating func close(_ id: UInt64, cost: Int64) -> Closed {
        guard let hold = holds.removeValue(forKey: id) else {
            // Expired: its lease is not known any more, so the present one pays, or the balance.
            if lease != nil { unwritten += Int128(cost) }
            return Closed(lease: lease, wasOpen: false)
        }
        if hold.lease == lease {
            held -= Int128(hold.amount)
            unwritten += Int128(cost)
        }
        return Closed(lease: hold.lease, wasOpen: true)
    }

    /// Frees the money of holds that are past their time; returns how many there were.
    mutating func expire(now: Int64) -> Int {
        var count = 0
        for (id, hold) in holds where hold.expires <= now {
            holds.removeValue(forKey: id)
            if hold.lease == lease { held -= Int128(hold.amount) }
            count += 1
        }
        return count
    }

    /// Charges of a lease are in the database, which says what the lease has left; nil: it does not say, as of charges that it
    /// had before.
    mutating func wrote(lease id: String, cost: Int128, remaining: Int64?) {
        guard id == lease else { return }
        unwritten -= cost
        self.remaining = remaining ?? Int64(clamping: max(0, Int128(self.remaining) - cost))
    }

    /// How much to ask the database for so that `waiting` can be drawn and a slice stays over.
    mutating func refill(waiting: Int128, now: Int64) -> Int64 {
        if lastRefill != .min, now - lastRefill < 5_000 {
            // Often: take more at a time.
            let (doubled, overflow) = slice.multipliedReportingOverflow(by: 2)
            slice = overflow ? slices.upperBound : min(slices.upperBound, doubled)
        }
        lastRefill = now
        return Int64(clamping: max(0, waiting - available) + Int128(slice))
    }

    /// Money came.
    ///
    /// `wanted` was asked for; less means that the balance is empty.
    mutating func leased(_ id: String, remaining: Int64, added: Int64, wanted: Int64, now: Int64) {
        if id != lease {
            startLease(id)
            lastDraw = max(lastDraw, now)
        }
        self.remaining = remaining
        dryUntil = added < wanted ? now + Self.dryMilliseconds : .min
    }

    /// The database had nothing.
    mutating func foundDry(now: Int64) { dryUntil = now + Self.dryMilliseconds }

    /// Somebody may have paid in.
    mutating func forgetDryness() { dryUntil = .min }

    func isDry(now: Int64) -> Bool { now < dryUntil }

    /// What can go back after `idle` milliseconds without a draw; it cannot be drawn until `returned` says what became of it.
    mutating func idleReturn(now: Int64, after idle: Int64) -> (lease: String, amount: Int64)? {
        guard let lease, holds.isEmpty, returning == 0, available > 0, now - lastDraw >= idle else { return nil }
        returning = Int64(clamping: available)
        slice = slices.lowerBound
        return (lease, returning)
    }

    /// The end of an `idleReturn`: it went back, or nobody knows, which counts as gone until the database says otherwise.
    mutating func returned(lease: String, amount: Int64) {
        guard lease == self.lease else { return }
        remaining -= amount
        returning = 0
    }

    /// The lease is gone: its node was taken for dead.
    ///
    /// Open holds stay, but no money stands behind them here.
    mutating func dropLease() { startLease(nil) }

    private mutating func startLease(_ id: String?) {
        lease = id
        remaining = 0
        held = 0
        unwritten = 0
        returning = 0
    }
}
