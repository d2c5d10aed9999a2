package import ElkWire
package import NIOCore

/// What a client of a realtime session sends, read as far as the gateway has to know it.
///
/// Everything passes byte for byte, but for the names of models: nobody may be told one model and billed for another, so a text
/// that two readers could take in two ways is refused.
package struct RealtimeClientEvent: Sendable {
    /// The client's name for the event, for the error that answers it.
    package let id: String?
    private let root: JSONSlice
    private let text: ByteBuffer

    /// - Throws: a refusal of what is no event.
    package init(_ text: ByteBuffer) throws(Failure) {
        let root: JSONSlice
        do throws(JSONError) {
            root = try JSONSlice(validating: text)
        } catch {
            throw .invalidJSON(error)
        }
        guard root.kind == .object, root.firstDuplicate == nil else {
            throw .invalidRequest("An event is an object, with each of its members once.", code: "invalid_event")
        }
        (self.root, self.text) = (root, text)
        id = root["event_id"]?.string
    }

    /// Where a session names who transcribes the client's audio: today's words, and those of the beta.
    private static let transcribers = [["audio", "input", "transcription"], ["input_audio_transcription"]]

    /// The model that the event wants the client's audio transcribed by.
    package var transcriber: String? {
        guard let session = settings else { return nil }
        for path in Self.transcribers {
            if let name = Self.value(path, in: session)?["model"]?.string { return name }
        }
        return nil
    }

    /// What goes up.
    ///
    /// - Parameters:
    ///   - model: the session's model as the client calls it, and as the provider does.
    ///   - transcriber: what the provider calls a model that transcribes; throws what the client is to be told instead.
    package func forUpstream(
        model: (client: String, upstream: String),
        transcriber: (String) throws(Failure) -> String
    ) throws(Failure) -> ByteBuffer {
        guard let session = settings, session.kind == .object else { return text }
        for path in [[], ["audio"], ["audio", "input"]] + Self.transcribers {
            guard Self.value(path, in: session)?.firstDuplicate == nil else {
                throw .invalidRequest("A member was given more than once.", parameter: "session", code: "invalid_event")
            }
        }
        var edit = JSONEdit(root)
        if let named = session["model"], !named.isNull {
            guard named.isString(model.client) else {
                throw .invalidRequest(
                    "The model of a session cannot be changed.",
                    parameter: "session.model",
                    code: "cannot_update_model"
                )
            }
            edit.set(["session", "model"], string: model.upstream)
        }
        for path in Self.transcribers {
            guard let named = Self.value(path, in: session)?["model"], !named.isNull else { continue }
            guard let name = named.string else {
                throw .invalidRequest("'model' must be a text.", parameter: "session.\(path.joined(separator: "."))")
            }
            edit.set(["session"] + path + ["model"], string: try transcriber(name))
        }
        return edit.isEmpty ? text : edit.apply()
    }

    /// The settings that the event brings, when it is one that brings any.
    private var settings: JSONSlice? {
        switch root["type"]?.string {
        case "session.update", "transcription_session.update": root["session"]
        default: nil
        }
    }

    private static func value(_ path: [String], in object: JSONSlice) -> JSONSlice? {
        var value: JSONSlice? = object
        for name in path { value = value?[name] }
        return value
    }
}
