/// Text tokens that come again and again.
extension [Int] {
    /// Whether the same few tokens come three times in a row, or one or two of them five times.
    var repeatsItself: Bool {
        for period in 1..<Swift.max(2, count / 3 + 1) {
            let enough = period * (period <= 2 ? 4 : 2)
            var run = 0
            for index in indices.dropFirst(period) {
                run = self[index] == self[index - period] ? run + 1 : 0
                if run >= enough { return true }
            }
        }
        return false
    }

    /// The end, where it is the same tokens at least four times, forty tokens at least: what a network that is caught in a loop writes
    /// until it has no positions left.
    var loopAtEnd: ArraySlice<Int>? {
        for period in 1...Swift.max(1, count / 4) {
            let loop = suffix(Swift.max(4 * period, 40))
            guard loop.count >= 40 else { return nil }
            if zip(loop, loop.dropFirst(period)).allSatisfy({ $0 == $1 }) { return loop }
        }
        return nil
    }
}
