import ElkWire
import NIOCore

extension ReplyTranslator {
    init(_ plan: ReplyPlan, status: Int, headers: [(name: String, value: String)]) {
        let type = headers.first { $0.name.lowercased() == "content-type" }?.value ?? ""
        let isJSON = type.utf8.mentionsJSON
        let events = plan.asArray ? "application/json" : "text/event-stream; charset=utf-8"
        switch plan.shape {
        case .bytes(_, countsBytes: false) where isJSON:
            // Asked for audio and got a document: an error with a good status, which must be read as one.
            machine = .whole(WholeReply(UnwantedDocument(), failures: plan.failures))
            contentType = "application/json"
        case .bytes(let usage, let countsBytes):
            machine = .bytes(ByteReply(usage: usage, countsBytes: countsBytes))
            contentType = HeaderSafety.isValue(type) && !type.isEmpty ? type : "application/octet-stream"
        case .whole(let translation):
            machine = .whole(WholeReply(translation, failures: plan.failures))
            contentType = "application/json"
        case _ where isJSON:
            let translation = plan.unstreamed ?? UnwantedDocument()
            machine = .whole(WholeReply(translation, failures: plan.failures))
            contentType = plan.unstreamed == nil ? events : "application/json"
        case .pass(let meter):
            machine = .events(EventReply(meter, failures: plan.failures, clientFormat: plan.clientFormat))
            contentType = events
        case .translate(let translation):
            machine = .translated(TranslatedReply(translation, failures: plan.failures))
            contentType = events
        }
        array = plan.asArray ? ArrayFraming() : nil
        self.headers = []
    }
}

/// A document where a stream or bytes must be.
private struct UnwantedDocument: WholeTranslation {
    func translate(_ root: JSONSlice, into out: inout ByteBuffer) throws(Failure) -> WholeOutcome {
        throw ClientFailure.badAnswer("a document and not a stream")
    }
}

extension String.UTF8View {
    private static let json = Array("json".utf8)

    /// Whether a content type names JSON or a kind of it, in any case.
    fileprivate var mentionsJSON: Bool {
        let word = Self.json
        var matched = 0
        for byte in self {
            // The word's first letter is in it once, so a mismatch never lies within a match.
            if byte | 0x20 == word[matched] { matched += 1 } else { matched = byte | 0x20 == word[0] ? 1 : 0 }
            if matched == word.count { return true }
        }
        return false
    }
}
