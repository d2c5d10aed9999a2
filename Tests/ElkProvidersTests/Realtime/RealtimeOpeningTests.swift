import ElkProviders
import ElkWire
import NIOCore
import Testing

struct RealtimeOpeningTests {
    private func opening(_ session: String, in words: RealtimeOpening.Words = .current) throws -> RealtimeOpening {
        try RealtimeOpening(JSONSlice(validating: ByteBuffer(string: session)), in: words)
    }

    @Test func `a talk names its model, and who transcribes is another's business`() throws {
        let talk = try opening(
            #"{"type":"realtime","model":"talk","audio":{"input":{"transcription":{"model":"scribe"}}}}"#
        )
        #expect(!talk.isTranscription && talk.model == "talk" && talk.transcriber == "scribe")
        #expect(
            talk.forProvider.map { String(buffer: $0) }
                == #"{"type":"session.update","session":{"type":"realtime","audio":{"input":{"transcription":{"model":"scribe"}}}}}"#
        )
    }

    @Test(arguments: [
        (
            #"{"type":"transcription","audio":{"input":{"transcription":{"model":"scribe"}}}}"#,
            RealtimeOpening.Words.current
        ),
        (#"{"input_audio_transcription":{"model":"scribe"}}"#, .betaTranscription),
    ])
    func `a transcription is by whom it names for it`(session: String, words: RealtimeOpening.Words) throws {
        let found = try opening(session, in: words)
        #expect(found.isTranscription && found.model == "scribe" && found.transcriber == "scribe")
        #expect(String(buffer: found.text) == #"{"type":"\#(words.rawValue)","session":\#(session)}"#)
        #expect(found.forProvider == found.text)
        let again = try RealtimeOpening(found.text)
        #expect(again.isTranscription && again.model == "scribe" && again.text == found.text)
    }

    @Test func `a model alone is nothing to tell a provider, which has it from the address`() throws {
        #expect(try opening(#"{"model":"talk"}"#).forProvider == nil)
        #expect(try opening("{}").forProvider == nil)
    }

    @Test(arguments: [
        #"{"model":"a","model":"b"}"#, #"{"model":7}"#, #"{"model":"a b"}"#,
        #"{"audio":{"input":{"transcription":{"model":7}}}}"#, #"{"input_audio_transcription":{"model":" "}}"#,
        #"{"audio":{"input":{}},"\u0061udio":{}}"#, "[]", "7",
    ])
    func `what could be read in two ways or names no model is refused`(session: String) {
        #expect(throws: Failure.self) { try opening(session) }
    }
}
