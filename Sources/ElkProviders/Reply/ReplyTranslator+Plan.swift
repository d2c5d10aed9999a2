import ElkWire
import NIOCore

extension ReplyTranslator {
    init(_ plan: ReplyPlan, status: Int, headers: [(name: String, value: String)]) {
        let type = headers.first { $0.name.lowercased() == "content-type" }?.value ?? ""
        let isJSON = type.lowercased().contains("json")
        switch plan.shape {
        case .bytes(let usage, let countsBytes):
            machine = .bytes(ByteReply(usage: usage, countsBytes: countsBytes))
            contentType = HeaderSafety.isValue(type) && !type.isEmpty ? type : "application/octet-stream"
        case .whole(let translation):
            machine = .whole(WholeReply(translation, failures: plan.failures))
            contentType = "application/json"
        case .pass, .translate:
            // Asked for a stream and got a document: an error with a good status, which must be read as one.
            if isJSON {
                machine = .whole(WholeReply(NotStreamed(), failures: plan.failures))
            } else if case .pass(let meter) = plan.shape {
                machine = .events(EventReply(meter, failures: plan.failures, clientFormat: plan.clientFormat))
            } else if case .translate(let translation) = plan.shape {
                machine = .translated(TranslatedReply(translation, failures: plan.failures))
            } else {
                machine = .bytes(.vacant)
            }
            contentType = plan.asArray ? "application/json" : "text/event-stream; charset=utf-8"
        }
        array = plan.asArray ? ArrayFraming() : nil
        self.headers = []
    }
}

/// The client wants a stream and the upstream has sent one document.
private struct NotStreamed: WholeTranslation {
    func translate(_ root: JSONSlice, into out: inout ByteBuffer) throws(Failure) -> WholeOutcome {
        throw ClientFailure.badAnswer("a document instead of a stream")
    }
}
