extension Segment {
    /// Start and end in seconds: finite, in order and between 0 and `duration`.
    func span(within duration: Double) -> ClosedRange<Double> { ordered(start, end, within: duration) }
}

extension Word {
    /// Start and end in seconds: finite, in order and between 0 and `duration`.
    func span(within duration: Double) -> ClosedRange<Double> { ordered(start, end, within: duration) }
}

private func ordered(_ start: Double, _ end: Double, within duration: Double) -> ClosedRange<Double> {
    func bounded(_ time: Double) -> Double {
        // False for not-a-number too, on either side.
        guard time > 0, duration > 0 else { return 0 }
        return min(time, duration)
    }
    let start = bounded(start)
    return start...max(start, bounded(end))
}
