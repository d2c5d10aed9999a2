import ElkWire
import NIOCore

/// Sessions over a WebSocket: the request that asks for one.
///
/// What is said in it is read by `RealtimeClientEvent` and `RealtimeMeter`.
extension Attempt {
    func realtime() throws(Failure) -> Exchange {
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

    /// The model's name is encoded: it may hold what would end its place in the query.
    func query(of quirks: RealtimeQuirks) -> String {
        let model = "model=\(PercentEncoding.encode(target.model))"
        guard call.queryContains("intent=transcription") else { return "?\(model)" }
        return quirks.namesTranscriber ? "?intent=transcription&\(model)" : "?intent=transcription"
    }
}
