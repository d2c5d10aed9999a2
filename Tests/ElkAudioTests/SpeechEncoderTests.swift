import Foundation
import Testing

@testable import ElkAudio

@Suite struct SpeechEncoderTests {
    private static let tone: [Float] = tone(rate: 22_050)

    /// Two seconds of 440 Hz.
    private static func tone(rate: Int) -> [Float] {
        (0..<2 * rate).map { Float(0.5 * sin(2 * Double.pi * 440 * Double($0) / Double(rate))) }
    }

    @Test(arguments: SpeechFormat.allCases.filter { $0 != .pcm })
    func whatIsEncodedCanBeDecodedAgain(format: SpeechFormat) throws {
        let encoder = try SpeechEncoder(format, sampleRate: 22_050)
        var bytes: [UInt8] = []
        for start in stride(from: 0, to: Self.tone.count, by: 5000) {
            bytes += try encoder.encode(Array(Self.tone[start..<min(start + 5000, Self.tone.count)]))
        }
        bytes += try encoder.finish()
        let decoded = try AudioDecoder.decode(.bytes(bytes))
        #expect(abs(decoded.duration - 2) < 0.12)
        let middle = decoded.samples[8000..<24_000]
        let power = middle.map { $0 * $0 }.reduce(0, +) / Float(middle.count)
        #expect(abs(power - 0.125) < 0.02, "the tone has half of its amplitude's square")
    }

    @Test(arguments: SpeechFormat.allCases)
    func bytesComeOutBeforeTheEnd(format: SpeechFormat) throws {
        let encoder = try SpeechEncoder(format, sampleRate: 22_050)
        let bytes = try encoder.encode(Self.tone)
        #expect(bytes.count > 1000)
    }

    @Test func pcmHasTwoBytesForEverySampleAndNoHeader() throws {
        let encoder = try SpeechEncoder(.pcm, sampleRate: 22_050)
        var bytes = try encoder.encode(Self.tone)
        bytes += try encoder.finish()
        #expect(bytes.count == 2 * 2 * 24_000)
    }

    @Test func theHeaderOfAWaveStreamLeavesItsLengthOpen() throws {
        let encoder = try SpeechEncoder(.wav, sampleRate: 24_000)
        var bytes = try encoder.encode([0, 1, -1])
        bytes += try encoder.finish()
        #expect(bytes.count == 44 + 6)
        #expect(Array(bytes[4..<8]) == [255, 255, 255, 255])
        #expect(Array(bytes[44...]) == [0, 0, 255, 127, 1, 128])
    }

    @Test(arguments: [SpeechFormat.wav, .flac])
    func aFileIsToldItsLengthInTheEnd(format: SpeechFormat) throws {
        let encoder = try SpeechEncoder(format, sampleRate: 24_000)
        let samples = [Float](repeating: 0.5, count: 30_000)
        let bytes = try encoder.encode(samples) + encoder.finish()
        let correction = try #require(encoder.correction)
        var file = bytes
        file.replaceSubrange(correction.offset..<correction.offset + correction.bytes.count, with: correction.bytes)
        #expect(file.count == bytes.count)
        switch format {
        case .wav:
            #expect(UInt32(littleEndian: Self.number(file[4..<8])) == 60_036)
            #expect(UInt32(littleEndian: Self.number(file[40..<44])) == 60_000)
        default:
            // The last 32 of 36 bits, and the checksum of the samples behind them.
            #expect(UInt32(bigEndian: Self.number(bytes[22..<26])) == 0)
            #expect(UInt32(bigEndian: Self.number(file[22..<26])) == 30_000)
            #expect(file[26..<42].contains { $0 != 0 })
        }
        #expect(try AudioDecoder.decode(.bytes(file)).duration == 1.25)
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        bytes.withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
    }

    @Test func streamsThatNeedNoLengthAreNotMended() throws {
        for format in [SpeechFormat.mp3, .opus, .aac, .pcm] {
            let encoder = try SpeechEncoder(format, sampleRate: 24_000)
            _ = try encoder.encode([Float](repeating: 0.5, count: 30_000)) + encoder.finish()
            #expect(encoder.correction == nil)
        }
    }

    @Test func changingTheRateKeepsTheTone() {
        var converter = RateConverter(from: 22_050, to: 24_000)
        let output = converter.convert(Self.tone) + converter.finish()
        #expect(output.count == 48_000)
        let wanted = Self.tone(rate: 24_000)
        let error = zip(output, wanted).dropFirst(100).dropLast(100).map { abs($0 - $1) }.max() ?? 1
        #expect(error < 0.005)
    }
}
