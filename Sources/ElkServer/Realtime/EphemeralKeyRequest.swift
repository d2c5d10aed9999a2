import ElkProviders
import ElkWire
import NIOCore

/// What a client wants an ephemeral key for: how long, and for what session.
struct EphemeralKeyRequest: Sendable {
    enum Form: Sendable, Hashable {
        /// `POST /v1/realtime/client_secrets`.
        case current
        /// `POST /v1/realtime/sessions`: the body is the session, and says beside it how long.
        case betaTalk
        /// `POST /v1/realtime/transcription_sessions`, likewise.
        case betaTranscription
    }

    /// Longest body: as much as models take of instructions and tools.
    static let maxBytes = 128 << 10
    static let defaultSeconds = 600
    static let allowedSeconds = 10...7_200

    let form: Form
    let seconds: Int
    /// What its sessions begin with; nil leaves them to their address and their client.
    let opening: RealtimeOpening?

    /// - Parameter body: an object.
    /// - Throws: 400 for what OpenAI's API does not know.
    init(_ body: JSONSlice, _ form: Form) throws(Failure) {
        self.form = form
        if let name = body.firstDuplicate {
            throw .repeated(name)
        }
        switch form {
        case .current:
            for (key, _) in body.members where key != "expires_after" && key != "session" {
                let name = String(key.string.prefix(100))
                throw .invalidRequest("Unknown parameter: '\(name)'.", parameter: name, code: "unknown_parameter")
            }
            seconds = try Self.seconds(body["expires_after"], "expires_after")
            opening = try Self.opening(body["session"])
        case .betaTalk, .betaTranscription:
            let secret = body["client_secret"]
            // The two have different names for it.
            let name = secret?["expires_at"] == nil ? "expires_after" : "expires_at"
            seconds = try Self.seconds(secret?[name], "client_secret.\(name)")
            var edit = JSONEdit(body)
            edit.remove("client_secret")
            let session = try CallReader.document(of: edit.apply())
            let words = form == .betaTranscription ? RealtimeOpening.Words.betaTranscription : .current
            opening = try RealtimeOpening(session, in: words)
        }
    }

    private static func seconds(_ expiry: JSONSlice?, _ name: String) throws(Failure) -> Int {
        guard let expiry, !expiry.isNull else { return defaultSeconds }
        guard expiry.kind == .object else { throw .wrong(name, "an object", code: "invalid_type") }
        if let anchor = expiry["anchor"], anchor.string != "created_at" {
            throw .wrong("\(name).anchor", "'created_at'")
        }
        guard let member = expiry["seconds"], !member.isNull else { return defaultSeconds }
        guard let seconds = member.int, allowedSeconds.contains(seconds) else {
            throw .wrong(
                "\(name).seconds",
                "a whole number from \(allowedSeconds.lowerBound) to \(allowedSeconds.upperBound)"
            )
        }
        return seconds
    }

    private static func opening(_ session: JSONSlice?) throws(Failure) -> RealtimeOpening? {
        guard let session, !session.isNull else { return nil }
        guard session.kind == .object else { throw .wrong("session", "an object", code: "invalid_type") }
        guard let type = session["type"], !type.isNull else {
            throw .invalidRequest(
                "Missing required parameter: 'session.type'.",
                parameter: "session.type",
                code: "missing_required_parameter"
            )
        }
        guard type.string == "realtime" || type.string == "transcription" else {
            throw .wrong("session.type", "'realtime' or 'transcription'")
        }
        return try RealtimeOpening(session, in: .current)
    }

    /// The answer: the key, and the session as it was given.
    ///
    /// - Parameter expires: Unix seconds.
    func answer(_ value: String, expires: Int) -> ByteBuffer {
        JSONWriter.text { json in
            json.object { answer in
                switch form {
                case .current:
                    answer.member("value", value)
                    answer.member("expires_at", expires)
                    answer.object("session") { writeSession(into: &$0) }
                case .betaTalk, .betaTranscription:
                    writeSession(into: &answer)
                    answer.object("client_secret") { secret in
                        secret.member("value", value)
                        secret.member("expires_at", expires)
                    }
                }
            }
        }
    }

    private func writeSession(into session: inout JSONWriter) {
        session.member("id", RealtimeEvents.id("sess_"))
        let kind = opening?.isTranscription == true ? "transcription_session" : "session"
        session.member("object", "realtime.\(kind)")
        guard let given = opening?.session else { return session.member("type", "realtime") }
        for (key, value) in given.members where key != "id" && key != "object" {
            session.member(key.string, value)
        }
    }
}

extension Failure {
    fileprivate static func wrong(_ name: String, _ expected: String, code: String = "invalid_value") -> Failure {
        .invalidRequest("'\(name)' must be \(expected).", parameter: name, code: code)
    }
}
