/// Two channels whose samples alternate.
struct StereoSamples {
    private let samples: [Float]

    /// Channels that have less in common are different speakers.
    private static let correlationLimit = 0.3
    /// A channel with nothing on it (-60 dB of full scale) is no speaker's.
    private static let silence = 1e-3

    init(_ samples: [Float]) { self.samples = samples }

    var left: [Float] { channel(0) }
    var right: [Float] { channel(1) }

    /// The mean of both.
    var mixed: [Float] {
        stride(from: 0, to: samples.count - 1, by: 2).map { (samples[$0] + samples[$0 + 1]) / 2 }
    }

    var hasSpeakerPerChannel: Bool {
        let count = Double(samples.count / 2)
        guard count > 0 else { return false }
        var (sumL, sumR, squaresL, squaresR, products) = (0.0, 0.0, 0.0, 0.0, 0.0)
        samples.withUnsafeBufferPointer { samples in
            for index in stride(from: 0, to: samples.count - 1, by: 2) {
                let (left, right) = (Double(samples[index]), Double(samples[index + 1]))
                sumL += left
                sumR += right
                squaresL += left * left
                squaresR += right * right
                products += left * right
            }
        }
        let varianceL = squaresL / count - sumL / count * (sumL / count)
        let varianceR = squaresR / count - sumR / count * (sumR / count)
        guard varianceL.squareRoot() > Self.silence, varianceR.squareRoot() > Self.silence else { return false }
        let covariance = products / count - sumL / count * (sumR / count)
        return covariance.magnitude / (varianceL * varianceR).squareRoot() < Self.correlationLimit
    }

    private func channel(_ number: Int) -> [Float] {
        stride(from: number, to: samples.count, by: 2).map { samples[$0] }
    }
}
