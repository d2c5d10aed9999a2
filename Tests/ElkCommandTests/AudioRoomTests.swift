import Synchronization
import Testing

@testable import elk

@Suite(.timeLimit(.minutes(3)))
struct AudioRoomTests {
    private struct Broken: Error {}

    private final class Crowd: Sendable {
        let count = Mutex((now: 0, most: 0, seconds: 0.0))
    }

    @Test func `no more audio is let in than there is room for, nor more decoded at a time`() async throws {
        let room = AudioRoom(decoders: 2, limit: 100)
        let crowd = Crowd()
        await withTaskGroup(of: Void.self) { group in
            for index in 0..<12 {
                group.addTask { @concurrent in
                    let seconds = Double(20 + index * 3)
                    let audio = room.enter(isCancelled: { false }) { () -> (audio: Int, seconds: Double) in
                        crowd.count.withLock { count in
                            count.now += 1
                            count.most = max(count.most, count.now)
                        }
                        defer { crowd.count.withLock { $0.now -= 1 } }
                        return (index, seconds)
                    }
                    #expect(audio == index)
                    crowd.count.withLock { $0.seconds = max($0.seconds, room.seconds) }
                    room.leave(seconds)
                }
            }
        }
        let seen = crowd.count.withLock { $0 }
        #expect(seen.most <= 2)
        #expect(seen.seconds <= 100)
        #expect(room.seconds == 0)
    }

    @Test func `a recording longer than the room has it to itself`() {
        let room = AudioRoom(decoders: 1, limit: 10)
        let long = room.enter(isCancelled: { false }, decode: { (audio: "long", seconds: 60) })
        #expect(long == "long")
        #expect(room.seconds == 60)
    }

    @Test func `a cancelled job does not wait and leaves nothing behind`() {
        let room = AudioRoom(decoders: 1, limit: 10)
        _ = room.enter(isCancelled: { false }, decode: { (audio: 1, seconds: 10) })
        let asked = Mutex(0)
        let isCancelled = {
            asked.withLock { count in
                count += 1
                return count > 2
            }
        }
        #expect(room.enter(isCancelled: isCancelled, decode: { (audio: 2, seconds: 1) }) == nil)
        #expect(room.seconds == 10)
        #expect(room.enter(isCancelled: { true }, decode: { (audio: 3, seconds: 1) }) == nil)
    }

    @Test func `a recording that cannot be decoded takes no room`() throws {
        let room = AudioRoom(decoders: 1, limit: 10)
        for _ in 0..<3 {
            #expect(throws: Broken.self) {
                _ = try room.enter(isCancelled: { false }) { () throws -> (audio: Int, seconds: Double) in
                    throw Broken()
                }
            }
        }
        #expect(room.seconds == 0)
    }
}
