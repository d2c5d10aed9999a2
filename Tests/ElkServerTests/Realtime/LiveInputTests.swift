import ElkGateway
import NIOCore
import Testing

@testable import ElkServer

@Suite struct LiveInputTests {
    private static func settings(_ turns: RealtimeSettings.Turns) -> RealtimeSettings {
        var settings = RealtimeSettings(model: "base")
        settings.turns = turns
        settings.format = LiveAudioFormat(coding: .pcm16, rate: 16_000)
        return settings
    }

    private static func sound(_ value: Int16, seconds: Double) -> ByteBuffer {
        var bytes = ByteBuffer()
        for _ in 0..<Int(seconds * 16_000) { bytes.writeInteger(value, endianness: .little) }
        return bytes
    }

    @Test func `what waits is heard when turns are to be found from then on`() async throws {
        var input = LiveInput(Self.settings(.manual), voice: LoudnessWatch())
        #expect(try await input.append(Self.sound(20_000, seconds: 2)).isEmpty)
        input.adopt(Self.settings(.server(TurnDetector.Rules())))
        #expect(try await input.append(Self.sound(0, seconds: 3)).isEmpty)
        #expect(input.samples.count == 5 * 16_000)
        let events = try await input.append(Self.sound(20_000, seconds: 1))
        #expect(events == [.started(at: 0)])
    }

    @Test func `half a sample at a turn's end shifts none of the next`() async throws {
        var input = LiveInput(Self.settings(.manual), voice: LoudnessWatch())
        var odd = Self.sound(256, seconds: 1)
        odd.writeInteger(UInt8(1))
        _ = try await input.append(odd)
        _ = input.take()
        input.endTurn()
        _ = try await input.append(Self.sound(256, seconds: 1))
        #expect(Set(input.take()) == [256.0 / 32_768])
    }

    @Test func `speech begins behind what was cleared`() async throws {
        var input = LiveInput(Self.settings(.server(TurnDetector.Rules())), voice: LoudnessWatch())
        _ = try await input.append(Self.sound(0, seconds: 1))
        input.clear()
        #expect(try await input.append(Self.sound(20_000, seconds: 1)).first == .started(at: 16_000))
    }

    @Test func `more than five minutes at once are too much, whoever ends turns`() async throws {
        for turns in [RealtimeSettings.Turns.manual, .server(TurnDetector.Rules())] {
            let input = LiveInput(Self.settings(turns), voice: LoudnessWatch())
            #expect(!input.overflows(with: 300 * 32_000))
            #expect(input.overflows(with: 301 * 32_000))
        }
        var input = LiveInput(Self.settings(.manual), voice: LoudnessWatch())
        _ = try await input.append(Self.sound(0, seconds: 2))
        #expect(input.overflows(with: 299 * 32_000))
    }
}
