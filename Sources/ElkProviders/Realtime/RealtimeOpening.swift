package import ElkWire
package import NIOCore

/// The event that the sessions of an ephemeral key begin with, as if their client had sent it first.
///
/// Names of models were looked at as those of any client's event are: each is given once, and is a text.
package struct RealtimeOpening: Sendable {
    package enum Words: String, Sendable {
        case current = "session.update"
        /// Those of the beta for sessions that only transcribe.
        case betaTranscription = "transcription_session.update"
    }

    /// JSON.
    package let text: ByteBuffer
    package let session: JSONSlice
    package let isTranscription: Bool
    /// Whom the session is with; where it only transcribes, who does that.
    package let model: String?
    /// Who transcribes the client's audio.
    package let transcriber: String?
    private let root: JSONSlice

    /// - Parameter session: an object.
    package init(_ session: JSONSlice, in words: Words) throws(Failure) {
        try self.init(
            JSONWriter.text { json in
                json.object { event in
                    event.member("type", words.rawValue)
                    event.member("session", session)
                }
            }
        )
    }

    /// - Parameter text: of an earlier one.
    package init(_ text: ByteBuffer) throws(Failure) {
        let event = try RealtimeClientEvent(text)
        do throws(JSONError) {
            root = try JSONSlice(validating: text)
        } catch {
            throw .invalidJSON(error)
        }
        guard let session = root["session"], session.kind == .object else {
            throw .invalidRequest("'session' must be an object.", parameter: "session", code: "invalid_type")
        }
        var named: String?
        if let member = session["model"], !member.isNull {
            guard let name = member.string, ModelName.isValid(name) else {
                throw .invalidRequest(
                    "'model' is no name of a model.",
                    parameter: "session.model",
                    code: "invalid_model"
                )
            }
            named = name
        }
        let transcriber = event.transcriber
        guard transcriber.map(ModelName.isValid) ?? true else {
            throw .invalidRequest(
                "'model' is no name of a model.",
                parameter: "session.audio.input.transcription.model",
                code: "invalid_model"
            )
        }
        _ = try event.forUpstream(model: (named ?? "", named ?? "")) { $0 }
        isTranscription =
            root["type"]?.string == Words.betaTranscription.rawValue || session["type"]?.string == "transcription"
        model = isTranscription ? transcriber ?? named : named
        (self.text, self.session, self.transcriber) = (text, session, transcriber)
    }

    /// The event for a provider, which knows the session's model by the address: nil when there is nothing more to say.
    package var forProvider: ByteBuffer? {
        guard session.members.contains(where: { $0.key != "model" }) else { return nil }
        var edit = JSONEdit(root)
        edit.remove(["session", "model"])
        return edit.apply()
    }
}
