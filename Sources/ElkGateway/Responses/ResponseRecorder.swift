import ElkStorage
import ElkWire
import NIOCore

/// Watches an answer of the Responses API go by and ends with the row that keeps it.
///
/// Decides and gathers only. What grows beyond its limit is not kept: the answer itself goes on.
struct ResponseRecorder: Sendable {
    static let maxBytes = 8 << 20

    private let owner: String
    private let input: ByteBuffer
    private let streams: Bool
    private let now: Int64
    private let expires: Int64
    private var parser = SSEParser()
    private var whole = ByteBuffer()
    private var events: [ByteBuffer] = []
    private var bytes = 0
    /// The last whole response object that an event carried.
    private var latest: ByteBuffer?
    private var hasEnded = false

    /// - Parameter input: the items that the answer is made from, a JSON array.
    init(owner: String, input: ByteBuffer, streams: Bool, now: Int64, expires: Int64) {
        self.owner = owner
        self.input = input
        self.streams = streams
        self.now = now
        self.expires = expires
        bytes = input.readableBytes
    }

    private var isTooLong: Bool { bytes > Self.maxBytes }

    mutating func consume(_ chunk: ByteBuffer) {
        bytes += chunk.readableBytes
        guard !isTooLong else {
            (whole, events, latest) = (ByteBuffer(), [], nil)
            return
        }
        guard streams else {
            whole.writeImmutableBuffer(chunk)
            return
        }
        parser.append(chunk)
        while let event = try? parser.next() {
            guard let data = try? JSONSlice(validating: event.data) else { continue }
            events.append(event.data)
            guard let response = data["response"], response.kind == .object else { continue }
            latest = response.bytes
            switch data["type"]?.string {
            case "response.completed", "response.incomplete", "response.failed": hasEnded = true
            default: break
            }
        }
    }

    /// The row, once the answer has ended or its client has left; nil when there is nothing that could be asked for again.
    mutating func finish() -> StoredResponse? {
        guard !isTooLong else { return nil }
        guard let text = streams ? latest : whole, let response = try? JSONSlice(validating: text),
            let id = response["id"]?.string, (1...128).contains(id.utf8.count), response["object"]?.string == "response"
        else { return nil }
        var kept = response.bytes
        var status = response["status"]?.string ?? "completed"
        if streams, !hasEnded {
            var edit = JSONEdit(response)
            edit.set("status", string: "cancelled")
            kept = edit.apply()
            status = "cancelled"
        }
        return StoredResponse(
            id: id,
            owner: owner,
            upstreamID: id,
            status: status,
            body: Array(ArchivedResponse.body(response: kept, events: events).readableBytesView),
            inputItems: Array(input.readableBytesView),
            created: now,
            expires: expires
        )
    }
}
