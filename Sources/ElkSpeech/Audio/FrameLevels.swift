/// How loud a recording is, one value for every 32 ms.
struct FrameLevels {
    /// Root mean square of each frame without its constant part; the last frame is filled up with silence.
    let values: [Float]
    private let sorted: [Float]

    static let frame = 512

    init(_ samples: [Float]) {
        var values: [Float] = []
        values.reserveCapacity((samples.count + Self.frame - 1) / Self.frame)
        samples.withUnsafeBufferPointer { samples in
            var start = 0
            while start < samples.count {
                let end = min(start + Self.frame, samples.count)
                var (sum, squares) = (0.0, 0.0)
                var index = start
                while index < end {
                    // What is no number counts as silence.
                    let sample = samples[index].isFinite ? Double(samples[index]) : 0
                    sum += sample
                    squares += sample * sample
                    index += 1
                }
                let mean = sum / Double(Self.frame)
                values.append(Float(max(0, squares / Double(Self.frame) - mean * mean).squareRoot()))
                start = end
            }
        }
        self.values = values
        sorted = values.sorted()
    }

    /// The level that `percent` of the frames do not exceed, 0 without frames.
    func percentile(_ percent: Int) -> Float {
        sorted.isEmpty ? 0 : sorted[(sorted.count - 1) * percent / 100]
    }
}
