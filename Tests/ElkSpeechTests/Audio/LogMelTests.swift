import Testing

@testable import ElkSpeech

struct LogMelTests {
    @Test(arguments: [(80, 1.99902415, 0.02588068, 391), (128, 3.19098568, 0.04168175, 394)])
    func `filters equal the reference's`(bands: Int, sum: Double, largest: Float, count: Int) {
        let filters = MelFilters(bands: bands)
        #expect(abs(filters.weights.reduce(0.0) { $0 + Double($1) } - sum) < 1e-6)
        #expect(abs((filters.weights.max() ?? 0) - largest) < 1e-7)
        #expect(filters.weights.count { $0 != 0 } == count)
        #expect(filters.first[0] == 1 && filters.counts[0] == 1)
    }

    @Test func `the first rows and the last cover the reference's bins`() {
        let filters = MelFilters(bands: 80)
        #expect(abs(filters.weights[0] - 0.0248625949) < 1e-8)
        #expect(filters.first[79] == 186 && filters.counts[79] == 14)
        #expect(abs(MelFilters(bands: 128).weights[0] - 0.0123739867) < 1e-8)
    }

    @Test func `a sine's spectrum peaks in the band of its frequency`() throws {
        let samples = (0..<16000).map { Float(sin(2 * Double.pi * 1000 * Double($0) / 16000)) }
        let mel = MelSpectrogram(samples, filters: MelFilters(bands: 80), pool: try ThreadPool(threads: 1))
        let frame = 50
        let peak = (0..<80).max { mel.values[$0 * mel.stride + frame] < mel.values[$1 * mel.stride + frame] }
        // 1000 Hz is mel 15 of 45.2456 over 81 steps.
        #expect(peak == 26)
        #expect(mel.frames == 100)
    }

    @Test func `a frame equals the plain Fourier sum`() throws {
        var random = Random(seed: 7)
        let samples = random.floats(4000)
        let filters = MelFilters(bands: 80)
        let mel = MelSpectrogram(samples, filters: filters, pool: try ThreadPool(threads: 2))
        var plain: [[Double]] = []
        for frame in 0..<25 {
            var power = [Double](repeating: 0, count: 201)
            for bin in 0...200 {
                var (re, im) = (0.0, 0.0)
                for i in 0..<400 {
                    let index = abs(frame * 160 - 200 + i)
                    let sample = index < samples.count ? Double(samples[index]) : 0
                    let value = sample * (0.5 - 0.5 * cos(2 * .pi * Double(i) / 400))
                    re += value * cos(2 * .pi * Double(bin * i) / 400)
                    im -= value * sin(2 * .pi * Double(bin * i) / 400)
                }
                power[bin] = re * re + im * im
            }
            plain.append(
                (0..<80).map { band in
                    let weights = (0..<Int(filters.counts[band])).map {
                        Double(filters.weights[Int(filters.offsets[band]) + $0]) * power[Int(filters.first[band]) + $0]
                    }
                    return log10(max(weights.reduce(0, +), 1e-10))
                }
            )
        }
        let top = plain.joined().max()!
        for (frame, bands) in plain.enumerated() {
            for (band, value) in bands.enumerated() {
                let expected = (max(value, top - 8) + 4) / 4
                #expect(abs(expected - Double(mel.values[band * mel.stride + frame])) < 2e-5)
            }
        }
    }

    @Test func `an empty recording has no frames and does not fail`() throws {
        let mel = MelSpectrogram([], filters: MelFilters(bands: 80), pool: try ThreadPool(threads: 1))
        #expect(mel.frames == 0)
        #expect(mel.values.allSatisfy { $0.isFinite })
    }
}
