import Glibc

/// Converts live samples to 16 kHz with a windowed sinc, piece by piece.
///
/// Looks back only: every piece is told at once and whole, so that nothing is missing from a turn that is committed. The price
/// is half a filter of delay, which the converter of finished sound in ElkAudio does not have.
struct LiveRateConverter {
    private static let target = 16_000
    /// Input samples that one output sample is made of, times the factor of a higher input rate.
    private static let width = 32

    private let up: Int
    private let down: Int
    private let taps: Int
    /// One filter after the other, for each place of an output sample between two inputs.
    private let filters: [Float]
    private var history: [Float]
    /// Where the next output sample lies behind the history, in 1 / `up` of an input sample.
    private var position = 0

    init(from rate: Int) {
        let divisor = Self.greatestDivisor(rate, Self.target)
        up = Self.target / divisor
        down = rate / divisor
        taps = Self.width * max(1, (rate + Self.target - 1) / Self.target)
        let length = taps * up
        // In cycles a sample of the raised rate; the last tenth below the limit is the slope.
        let cutoff = 0.45 * Double(min(rate, Self.target)) / Double(rate * up)
        let middle = Double(length - 1) / 2
        var filters = [Float](repeating: 0, count: length)
        for index in 0..<length {
            let x = Double(index) - middle
            let sinc = x == 0 ? 2 * cutoff : sin(2 * .pi * cutoff * x) / (.pi * x)
            let window = 0.5 - 0.5 * cos(2 * .pi * (Double(index) + 0.5) / Double(length))
            filters[index % up * taps + index / up] = Float(sinc * window * Double(up))
        }
        self.filters = filters
        history = [Float](repeating: 0, count: taps - 1)
    }

    mutating func convert(_ samples: [Float]) -> [Float] {
        guard up != down else { return samples }
        history += samples
        var output: [Float] = []
        output.reserveCapacity(samples.count * up / down + 1)
        let available = history.count - (taps - 1)
        history.withUnsafeBufferPointer { input in
            filters.withUnsafeBufferPointer { filters in
                while position / up < available {
                    let newest = position / up + taps - 1
                    let filter = position % up * taps
                    var sum: Float = 0
                    for tap in 0..<taps { sum += filters[filter + tap] * input[newest - tap] }
                    output.append(sum)
                    position += down
                }
            }
        }
        history.removeFirst(available)
        position -= available * up
        return output
    }

    private static func greatestDivisor(_ first: Int, _ second: Int) -> Int {
        second == 0 ? first : greatestDivisor(second, first % second)
    }
}
