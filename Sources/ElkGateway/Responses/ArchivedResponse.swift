package import ElkStorage
package import ElkWire
package import NIOCore

/// A kept answer of the Responses API, as it is read back.
///
/// It is stored as `{"response":{…},"events":[…]}`; the events are those that a stream consisted of, in their own bytes.
package struct ArchivedResponse: Sendable {
    package let response: JSONSlice
    package let events: [JSONSlice]
    /// What it was made from, a JSON array.
    package let input: JSONSlice

    /// Nil when the row does not hold what was once put into it.
    package init?(_ row: StoredResponse) {
        guard let body = try? JSONSlice(validating: ByteBuffer(bytes: row.body)),
            let input = try? JSONSlice(validating: ByteBuffer(bytes: row.inputItems)),
            let response = body["response"], response.kind == .object, input.kind == .array
        else { return nil }
        self.response = response
        self.input = input
        events = body["events"].map { Array($0.elements) } ?? []
    }

    package var status: String { response["status"]?.string ?? "completed" }
    package var isBackground: Bool { response["background"]?.bool == true }
    package var isFinished: Bool { !["queued", "in_progress"].contains(status) }

    static func body(response: ByteBuffer, events: [ByteBuffer]) -> ByteBuffer {
        var writer = JSONWriter()
        writer.object { body in
            body.member("response", json: response)
            body.array("events") { list in
                for event in events { list.raw(event) }
            }
        }
        return writer.buffer
    }

    /// The stream again, from after the event with that number; `nil` is from the start.
    ///
    /// A response that was not streamed gets the events that a stream would have had at the least.
    package func replay(startingAfter number: Int?) -> ByteBuffer {
        var out = ByteBuffer()
        if events.isEmpty {
            var replay = SyntheticEvents(response)
            replay.write(after: number ?? -1, into: &out)
            return out
        }
        for event in events {
            if let number, let own = event["sequence_number"]?.int, own <= number { continue }
            out.writeSSE(type: event["type"]?.string, data: event.bytes)
        }
        return out
    }

    /// A page of its input items in the envelope of lists.
    package func inputPage(limit: Int, ascending: Bool, after: String?) -> ByteBuffer {
        let id = response["id"]?.string ?? ""
        var items = input.elements.enumerated().map { (id: $1["id"]?.string ?? "\(id)_in_\($0)", item: $1) }
        if !ascending { items.reverse() }
        if let after, let index = items.firstIndex(where: { $0.id == after }) { items.removeSubrange(...index) }
        let page = items.prefix(limit)
        var writer = JSONWriter()
        writer.object { envelope in
            envelope.member("object", "list")
            envelope.array("data") { data in
                for (id, item) in page {
                    data.object { copy in
                        if item["id"] == nil { copy.member("id", id) }
                        if item["type"] == nil { copy.member("type", "message") }
                        for (key, value) in item.members { copy.member(key.string, value) }
                    }
                }
            }
            envelope.member("first_id", orNull: page.first?.id)
            envelope.member("last_id", orNull: page.last?.id)
            envelope.member("has_more", page.count < items.count)
        }
        return writer.buffer
    }
}

/// The fewest events that tell a finished response as a stream.
private struct SyntheticEvents {
    private let response: JSONSlice
    private var number = 0

    init(_ response: JSONSlice) {
        self.response = response
    }

    mutating func write(after last: Int, into out: inout ByteBuffer) {
        var started = JSONEdit(response)
        started.set("status", string: "in_progress")
        started.set("output", json: ByteBuffer(string: "[]"))
        started.set("usage", json: ByteBuffer(string: "null"))
        let start = started.apply()
        add("response.created", after: last, into: &out) { $0.member("response", json: start) }
        add("response.in_progress", after: last, into: &out) { $0.member("response", json: start) }
        if let output = response["output"] {
            for (index, item) in output.elements.enumerated() {
                for type in ["response.output_item.added", "response.output_item.done"] {
                    add(type, after: last, into: &out) { event in
                        event.member("output_index", index)
                        event.member("item", item)
                    }
                }
            }
        }
        let end =
            switch response["status"]?.string {
            case "failed": "response.failed"
            case "incomplete", "cancelled": "response.incomplete"
            default: "response.completed"
            }
        let whole = response
        add(end, after: last, into: &out) { $0.member("response", whole) }
    }

    private mutating func add(
        _ type: String,
        after last: Int,
        into out: inout ByteBuffer,
        _ fill: (inout JSONWriter) -> Void
    ) {
        defer { number += 1 }
        guard number > last else { return }
        var writer = JSONWriter()
        writer.object { event in
            event.member("type", type)
            event.member("sequence_number", number)
            fill(&event)
        }
        out.writeSSE(type: type, data: writer.buffer)
    }
}
