import NIOCore
import Testing

@testable import ElkServer

struct LiveAudioTests {
    @Test func `a turn begins before its first sound and ends after a pause`() {
        var detector = TurnDetector(.init(threshold: 0.5, prefixMilliseconds: 32, silenceMilliseconds: 96))
        let heard = [0.1, 0.9, 0.1, 0.9, 0.9, 0.4, 0.2, 0.9, 0.2, 0.2, 0.2, 0.1]
        let events = heard.map { detector.take($0) }
        // A single loud frame is a click, a short pause is none, and 0.4 is still speech once there is some.
        #expect(events[4] == .started(at: 2 * 512))
        #expect(events[10] == .stopped(at: 11 * 512))
        #expect(events.compactMap(\.self).count == 2)
    }

    @Test func `a pause is told before it ends the turn, and so is that it does not`() {
        var detector = TurnDetector(.init(threshold: 0.5, prefixMilliseconds: 0, silenceMilliseconds: 256))
        let heard = [0.9, 0.9] + [Double](repeating: 0, count: 7) + [0.9] + [Double](repeating: 0, count: 8)
        let events = heard.map { detector.take($0) }
        #expect(events[7] == .paused(at: 8 * 512))
        #expect(events[9] == .resumed)
        #expect(events[15] == .paused(at: 16 * 512))
        #expect(events[17] == .stopped(at: 18 * 512))
        #expect(events.compactMap(\.self).count == 5)
    }

    @Test(arguments: [8_000, 16_000, 24_000, 48_000])
    func `a tone keeps its level and its length at 16 kHz`(rate: Int) {
        var converter = LiveRateConverter(from: rate)
        let tone = (0..<rate).map { index -> Float in
            let phase = Double(index) * 440 * 2 * .pi / Double(rate)
            return Float(sine(phase))
        }
        var output: [Float] = []
        for start in stride(from: 0, to: rate, by: 333) {
            output += converter.convert(Array(tone[start..<min(start + 333, rate)]))
        }
        #expect(abs(output.count - 16_000) <= 1)
        let middle = output[4_000..<12_000]
        let level = (middle.reduce(0) { $0 + $1 * $1 } / Float(middle.count)).squareRoot()
        #expect(abs(level - 0.7071) < 0.01)
    }

    @Test func `what 16 kHz cannot hold is gone`() {
        var converter = LiveRateConverter(from: 48_000)
        let tone = (0..<48_000).map { Float(sine(Double($0) * 15_000 * 2 * .pi / 48_000)) }
        let output = converter.convert(tone)[2_000...]
        #expect(output.allSatisfy { $0.magnitude < 0.01 })
    }

    @Test func `telephone codes stand for the samples of G.711`() {
        #expect(LiveAudioFormat.linear(muLaw: 0xFF) == 0)
        #expect(LiveAudioFormat.linear(muLaw: 0x00) == -32_124)
        #expect(LiveAudioFormat.linear(muLaw: 0x80) == 32_124)
        #expect(LiveAudioFormat.linear(aLaw: 0xD5) == 8)
        #expect(LiveAudioFormat.linear(aLaw: 0x55) == -8)
        #expect(LiveAudioFormat.linear(aLaw: 0xAA) == 32_256)
    }

    @Test func `half a sample waits for its other half`() {
        var bytes = ByteBuffer(bytes: [0x00, 0x40, 0x00])
        #expect(LiveAudioFormat.pcm.samples(of: &bytes) == [0.5])
        bytes.writeInteger(UInt8(0xC0))
        #expect(LiveAudioFormat.pcm.samples(of: &bytes) == [-0.5])
        #expect(bytes.readableBytes == 0)
    }

    /// By its series, so that the tests need no library for it.
    private func sine(_ phase: Double) -> Double {
        let turns = phase / (2 * .pi)
        let x = (turns - turns.rounded()) * 2 * .pi
        var (term, sum) = (x, x)
        for step in 1...12 {
            term *= -x * x / Double((2 * step) * (2 * step + 1))
            sum += term
        }
        return sum
    }
}
