import Glibc

/// Changes the rate of a stream of mono samples by a windowed sinc, one set of weights for every phase.
struct RateConverter {
    /// Zero crossings to each side.
    private static let reach = 16

    private let up: Int
    private let down: Int
    private let taps: Int
    private let weights: [Float]
    /// Samples that outputs to come still look at; begins with silence.
    private var kept: [Float]
    /// Place of the next output: in `kept`, and its phase in parts of `up`.
    private var position = 0
    private var phase = 0
    private var taken = 0
    private var given = 0

    /// - Parameters:
    ///   - from: samples a second that come in.
    ///   - to: that go out.
    init(from: Int, to: Int) {
        var (a, b) = (from, to)
        while b != 0 { (a, b) = (b, a % b) }
        (up, down) = (to / a, from / a)
        // Below the lower of both ends of the spectrum.
        let cutoff = min(1, Double(to) / Double(from)) * 0.97
        let half = Int((Double(Self.reach) / cutoff).rounded(.up))
        taps = 2 * half
        let (up, reach) = (up, 2 * half)
        var weights: [Float] = []
        for phase in 0..<up {
            let row = (0..<reach).map { tap -> Double in
                let distance = Double(half - 1 - tap) + Double(phase) / Double(up)
                let x = distance * cutoff * Double.pi
                let window = 0.5 + 0.5 * cos(Double.pi * distance / Double(half))
                return abs(distance) > Double(half) ? 0 : (abs(x) < 1e-9 ? 1 : sin(x) / x) * window
            }
            let sum = row.reduce(0, +)
            weights += row.map { Float($0 / sum) }
        }
        self.weights = weights
        kept = [Float](repeating: 0, count: half - 1)
    }

    /// The samples that can be told now.
    mutating func convert(_ samples: [Float]) -> [Float] {
        guard up != down else { return samples }
        taken += samples.count
        kept += samples
        return drain(to: .max)
    }

    /// The last samples: as many in all as the length of what came in asks for.
    mutating func finish() -> [Float] {
        guard up != down else { return [] }
        kept += [Float](repeating: 0, count: taps)
        return drain(to: taken * up / down)
    }

    private mutating func drain(to total: Int) -> [Float] {
        var output: [Float] = []
        output.reserveCapacity(kept.count * up / down + 1)
        kept.withUnsafeBufferPointer { kept in
            weights.withUnsafeBufferPointer { weights in
                while position + taps <= kept.count, given < total {
                    var sum: Float = 0
                    for tap in 0..<taps { sum += kept[position + tap] * weights[phase * taps + tap] }
                    output.append(sum)
                    given += 1
                    phase += down
                    position += phase / up
                    phase %= up
                }
            }
        }
        let done = min(position, kept.count)
        kept.removeFirst(done)
        position -= done
        return output
    }
}
