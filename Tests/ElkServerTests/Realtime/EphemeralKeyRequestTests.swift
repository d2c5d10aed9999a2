import ElkProviders
import ElkWire
import NIOCore
import Testing

@testable import ElkServer

struct EphemeralKeyRequestTests {
    private func request(
        _ body: String,
        _ form: EphemeralKeyRequest.Form = .current
    ) throws -> EphemeralKeyRequest {
        try EphemeralKeyRequest(CallReader.document(of: ByteBuffer(string: body)), form)
    }

    @Test(arguments: [
        ("{}", 600), (#"{"expires_after":null,"session":null}"#, 600), (#"{"expires_after":{}}"#, 600),
        (#"{"expires_after":{"anchor":"created_at"}}"#, 600), (#"{"expires_after":{"seconds":null}}"#, 600),
        (#"{"expires_after":{"anchor":"created_at","seconds":10}}"#, 10),
        (#"{"expires_after":{"seconds":7200}}"#, 7_200),
    ])
    func `a key lasts as long as it is asked to, or ten minutes`(body: String, seconds: Int) throws {
        let wish = try request(body)
        #expect(wish.seconds == seconds && wish.opening == nil)
    }

    @Test(arguments: [
        (#"{"expires_after":7}"#, "expires_after", "invalid_type"),
        (#"{"expires_after":{"anchor":"now"}}"#, "expires_after.anchor", "invalid_value"),
        (#"{"expires_after":{"anchor":null}}"#, "expires_after.anchor", "invalid_value"),
        (#"{"expires_after":{"seconds":9}}"#, "expires_after.seconds", "invalid_value"),
        (#"{"expires_after":{"seconds":7201}}"#, "expires_after.seconds", "invalid_value"),
        (#"{"expires_after":{"seconds":-99999999999999999999}}"#, "expires_after.seconds", "invalid_value"),
        (#"{"expires_after":{"seconds":"60"}}"#, "expires_after.seconds", "invalid_value"),
        (#"{"expires_after":{"seconds":60.5}}"#, "expires_after.seconds", "invalid_value"),
        (#"{"session":[]}"#, "session", "invalid_type"),
        (#"{"session":{}}"#, "session.type", "missing_required_parameter"),
        (#"{"session":{"type":"translation"}}"#, "session.type", "invalid_value"),
        (#"{"session":{"type":"realtime","model":""}}"#, "session.model", "invalid_model"),
        (#"{"session":{"type":"realtime","type":"transcription"}}"#, "session", "invalid_event"),
        (#"{"model":"gpt-realtime"}"#, "model", "unknown_parameter"),
    ])
    func `what the API does not know is named`(body: String, parameter: String, code: String) {
        let failure = #expect(throws: Failure.self) { try request(body) }
        #expect(failure?.status == 400 && failure?.parameter == parameter && failure?.code == code)
    }

    @Test func `the answer has the key beside the session, as it was given and with an id of its own`() throws {
        let wish = try request(
            #"{"session":{"type":"realtime","id":"mine","model":"talk","instructions":"Be brief."}}"#
        )
        let answer = try JSONSlice(validating: wish.answer("ek_1", expires: 7))
        #expect(answer["value"]?.string == "ek_1" && answer["expires_at"]?.int == 7)
        let session = try #require(answer["session"])
        #expect(session.firstDuplicate == nil && session["id"]?.string?.hasPrefix("sess_") == true)
        #expect(session["object"]?.string == "realtime.session" && session["type"]?.string == "realtime")
        #expect(session["model"]?.string == "talk" && session["instructions"]?.string == "Be brief.")
    }

    @Test func `without a session the answer has a realtime session`() throws {
        let answer = try JSONSlice(validating: request("{}").answer("ek_1", expires: 7))
        #expect(answer["session", "type"]?.string == "realtime")
        #expect(answer["session", "object"]?.string == "realtime.session")
    }

    @Test func `in the beta's words the body is the session, and the key is in it`() throws {
        let talk = try request(
            #"{"model":"talk","client_secret":{"expires_after":{"anchor":"created_at","seconds":60}}}"#,
            .betaTalk
        )
        #expect(talk.seconds == 60 && talk.opening?.model == "talk" && talk.opening?.isTranscription == false)
        let answer = try JSONSlice(validating: talk.answer("ek_1", expires: 7))
        #expect(answer["client_secret", "value"]?.string == "ek_1" && answer["client_secret", "expires_at"]?.int == 7)
        #expect(answer["model"]?.string == "talk" && answer["object"]?.string == "realtime.session")

        let scribe = try request(
            #"{"input_audio_format":"pcm16","client_secret":{"expires_at":{"seconds":30}}}"#,
            .betaTranscription
        )
        #expect(scribe.seconds == 30 && scribe.opening?.isTranscription == true)
        let other = try JSONSlice(validating: scribe.answer("ek_2", expires: 8))
        #expect(other["object"]?.string == "realtime.transcription_session" && other.firstDuplicate == nil)
        #expect(other["input_audio_format"]?.string == "pcm16")
        let failure = #expect(throws: Failure.self) {
            try request(#"{"client_secret":{"expires_at":{"seconds":3}}}"#, .betaTranscription)
        }
        #expect(failure?.parameter == "client_secret.expires_at.seconds")
    }
}
