import Testing

@testable import ElkAudio

struct SampleRoomTests {
    private static let minute = 60 * AudioDecoder.sampleRate
    private static let hours = 240 * minute

    private func room(promised: Double?, inputSize: Int64) -> SampleRoom {
        SampleRoom(promised: promised, inputSize: inputSize, maxSamples: Self.hours)
    }

    @Test func `a believable promise gives room for the whole recording at once`() {
        let capacity = room(promised: 318, inputSize: 1_900_000).capacity(for: 100, usedBytes: 0)
        #expect((0...2000).contains(capacity - 318 * AudioDecoder.sampleRate))
    }

    @Test func `a file without a promise gets the room its density asks for`() {
        let capacity = room(promised: nil, inputSize: 600_000).capacity(for: Self.minute, usedBytes: 120_000)
        #expect(Double(capacity) >= 5 * Double(Self.minute))
        #expect(Double(capacity) < 5.2 * Double(Self.minute))
    }

    @Test func `a promise beyond the bytes or ten minutes is not believed`() {
        #expect(room(promised: 1e15, inputSize: 2500).capacity(for: 100, usedBytes: 0) < Self.minute)
        #expect(room(promised: 1e15, inputSize: .max).capacity(for: 100, usedBytes: 0) == 10 * Self.minute)
        #expect(room(promised: 7200, inputSize: .max).capacity(for: 10 * Self.minute, usedBytes: 1) == 80 * Self.minute)
    }

    @Test func `the next samples always fit`() {
        for count in [0, 1, Self.minute, Self.hours] {
            for used in [0, 1, Int64.max] {
                let capacity = room(promised: nil, inputSize: 1000).capacity(for: count, usedBytes: used)
                #expect(capacity > count)
                #expect(capacity <= max(8 * count, 11 * Self.minute))
            }
        }
    }
}
