import ElkWire

/// Sessions over a WebSocket: what the request that asks for one says.
///
/// What is said in it is read by `RealtimeClientEvent` and `RealtimeMeter`.
extension Attempt {
    /// The model's name is encoded: it may hold what would end its place in the query.
    func query(of quirks: RealtimeQuirks) -> String {
        let model = "model=\(PercentEncoding.encode(target.model))"
        guard call.queryContains("intent=transcription") else { return "?\(model)" }
        return quirks.namesTranscriber ? "?intent=transcription&\(model)" : "?intent=transcription"
    }
}
