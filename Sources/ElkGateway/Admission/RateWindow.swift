/// Counts over the last minute, exact to the second: whatever was counted is forgotten between 60 and 61 seconds later, so no
/// 60 seconds ever hold more than the limit.
///
/// A value without a clock: every call is told the time in milliseconds. Time that goes backwards is read as standing still.
package struct RateWindow: Sendable {
    package struct Reading: Sendable, Hashable {
        package var limit: Int
        /// What would be granted right now.
        package var remaining: Int
        /// Until the window is empty again, if nothing more is counted.
        package var resetMilliseconds: Int64

        package init(limit: Int, remaining: Int, resetMilliseconds: Int64) {
            self.limit = limit
            self.remaining = remaining
            self.resetMilliseconds = resetMilliseconds
        }
    }

    /// Sixty whole seconds and the one that has begun.
    private static let slots = 61
    /// Made when it is first used: most keys have no limits.
    private var counts: [Int] = []
    private var sum = 0
    /// The second that the newest slot stands for.
    private var newest: Int64 = .min

    package init() {}

    /// Takes `amount` if it fits under the limit, all of it or nothing; nil when taken, else the time after which it would fit
    /// (`Int64.max` when it never can, being larger than the limit itself).
    package mutating func take(_ amount: Int, limit: Int, now: Int64) -> Int64? {
        advance(to: now)
        if let wait = wait(for: amount, limit: limit, now: now) { return wait }
        let slot = Self.slot(of: newest)
        counts[slot] += amount
        sum += amount
        return nil
    }

    /// How long until `amount` would fit; nil when it does now.
    package mutating func wait(for amount: Int, limit: Int, now: Int64) -> Int64? {
        advance(to: now)
        guard amount > 0 else { return nil }
        guard amount <= limit else { return .max }
        var excess = sum - (limit - amount)
        guard excess > 0 else { return nil }
        for age in stride(from: Int64(Self.slots - 1), through: 0, by: -1) {
            excess -= counts[Self.slot(of: newest - age)]
            if excess <= 0 { return leaves(newest - age) - now }
        }
        return leaves(newest) - now
    }

    /// Changes what was counted at `taken` by `delta`, as long as that second is still in the window.
    package mutating func correct(by delta: Int, takenAt taken: Int64, now: Int64) {
        advance(to: now)
        let second = Self.second(taken)
        guard newest - second < Int64(Self.slots), second <= newest else { return }
        let slot = Self.slot(of: second)
        // Never below zero: a correction cannot give more than was taken.
        let corrected = max(
            0,
            counts[slot].addingReportingOverflow(delta).overflow ? counts[slot] : counts[slot] + delta
        )
        sum += corrected - counts[slot]
        counts[slot] = corrected
    }

    package mutating func reading(limit: Int, now: Int64) -> Reading {
        advance(to: now)
        var reset: Int64 = 0
        for age in 0..<Int64(Self.slots) where counts[Self.slot(of: newest - age)] > 0 {
            reset = leaves(newest - age) - now
            break
        }
        return Reading(limit: limit, remaining: max(0, limit - sum), resetMilliseconds: max(0, reset))
    }

    private mutating func advance(to now: Int64) {
        let second = Self.second(now)
        guard second > newest else { return }
        if newest == .min || second - newest >= Int64(Self.slots) {
            if sum != 0 || counts.isEmpty { counts = [Int](repeating: 0, count: Self.slots) }
            sum = 0
        } else {
            var passing = newest
            while passing < second {
                passing += 1
                let slot = Self.slot(of: passing)
                sum -= counts[slot]
                counts[slot] = 0
            }
        }
        newest = second
    }

    /// The millisecond at which a second's count is forgotten.
    private func leaves(_ second: Int64) -> Int64 { (second + Int64(Self.slots)) * 1000 }

    private static func second(_ milliseconds: Int64) -> Int64 { max(0, milliseconds) / 1000 }

    private static func slot(of second: Int64) -> Int {
        let rest = Int(second % Int64(slots))
        return rest < 0 ? rest + slots : rest
    }
}
