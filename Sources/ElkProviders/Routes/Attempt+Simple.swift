import ElkWire
import NIOCore

/// Endpoints that have one shape everywhere: the body passes but for the model's name.
extension Attempt {
    func completions(_ quirks: TextQuirks) throws(Failure) -> Exchange {
        var edit = BodyEdit(try json())
        edit.setModel(target.model)
        edit.drop(quirks.dropping)
        let dropsUsage = call.streams && quirks.reportsStreamUsage ? edit.askForStreamUsage() : false
        edit.apply(target.overrides)
        let meter = StreamMeter(.completions, dropsUsageChunk: dropsUsage)
        return try exchange(
            edit.bytes(),
            dropped: edit.dropped,
            call.streams ? .pass(meter) : .whole(WholePass(format: .text(.completions)))
        )
    }

    func countTokens() throws(Failure) -> Exchange {
        var edit = BodyEdit(try json())
        if call.endpoint == .countTokens { edit.setModel(target.model) }
        edit.apply(target.overrides)
        return try exchange(edit.bytes(), .whole(WholePass(format: .countTokens)))
    }

    func moderation() throws(Failure) -> Exchange {
        var edit = BodyEdit(try json())
        edit.setModel(target.model)
        edit.apply(target.overrides)
        return try exchange(edit.bytes(), .whole(WholePass(format: .moderation)))
    }

    /// A request without a body, whose answer passes as it is.
    func get() throws(Failure) -> Exchange {
        Exchange(
            request: try request(ByteBuffer(), method: .get),
            dropped: [],
            plan: ReplyPlan(
                shape: .whole(WholePass(format: .other)),
                failures: provider.failures,
                clientFormat: .openAI
            )
        )
    }

    func imageGeneration(_ quirks: ImageQuirks) throws(Failure) -> Exchange {
        var edit = BodyEdit(try json())
        edit.setModel(target.model)
        edit.drop(quirks.dropping)
        edit.apply(target.overrides)
        var wanted = Usage(source: .counted)
        wanted.images = try json()["n"]?.int ?? 1
        return try exchange(
            edit.bytes(),
            dropped: edit.dropped,
            call.streams ? .pass(StreamMeter(.typed, base: wanted)) : .whole(WholePass(format: .images, base: wanted))
        )
    }

    /// Text to speech: paid by characters, so the request tells its usage.
    func speech() throws(Failure) -> Exchange {
        let root = try json()
        var edit = BodyEdit(root)
        edit.setModel(target.model)
        edit.apply(target.overrides)
        var spoken = Usage(source: .counted)
        spoken.characters = root["input"]?.string?.unicodeScalars.count ?? 0
        let asEvents = root["stream_format"]?.string == "sse"
        return try exchange(
            edit.bytes(),
            asEvents ? .pass(StreamMeter(.typed, base: spoken)) : .bytes(spoken, countsBytes: false)
        )
    }
}
