import ElkStorage
import ElkWire
import Logging
import Synchronization

/// What travels beside one request.
struct RequestContext: Sendable {
    let connection: Connection
    /// Ours, never a client's: usage is settled once for each.
    let requestID = RequestID()
    /// The dialect of the path, in which everything is answered, refusals too.
    let dialect: Dialect
    let start = ContinuousClock.now
    let record: RequestRecord
    private let base: Logger

    init(connection: Connection, dialect: Dialect, room: BodyRoom, logger: Logger) {
        self.connection = connection
        self.dialect = dialect
        record = RequestRecord(room)
        base = logger
    }

    /// Since the head was read.
    var milliseconds: Int { Int((ContinuousClock.now - start) / .milliseconds(1)) }

    /// Remembers when the first byte of the answer went out.
    func noteFirstByte() {
        record.update { facts in
            if facts.firstByteMilliseconds == nil { facts.firstByteMilliseconds = milliseconds }
        }
    }

    /// Made where something is logged: most requests log but one line.
    var logger: Logger {
        var logger = base
        logger[metadataKey: "request.id"] = .string(requestID.description)
        return logger
    }
}

/// What a route learns about its request and the log wants to know.
final class RequestRecord: Sendable {
    struct Facts {
        /// The whole body has been read, so the connection can serve another request.
        var bodyWasRead = false
        var bodyBytes = 0
        /// Name of what the path asked for, from a list of ours.
        var route = "none"
        var model: String?
        var audioSeconds: Double?
        var keyPrefix: String?
        var channel: String?
        var outcome: String?
        var cost: Money?
        var attempts = 0
        /// Why it failed, in the words that only the log hears.
        var failure: String?
        var firstByteMilliseconds: Int?
    }

    private let facts = Mutex(Facts())
    private let room: BodyRoom
    private let roomTaken = Atomic(0)

    init(_ room: BodyRoom) {
        self.room = room
    }

    deinit {
        room.giveBack(roomTaken.load(ordering: .relaxed))
    }

    /// Makes room for more of the request's body, until the request is over.
    func takeRoom(_ bytes: Int) throws(Failure) {
        guard room.take(bytes) else { throw .noRoomForBodies }
        roomTaken.add(bytes, ordering: .relaxed)
    }

    func update(_ change: (inout sending Facts) -> Void) {
        facts.withLock { change(&$0) }
    }

    var current: Facts { facts.withLock { $0 } }
}
