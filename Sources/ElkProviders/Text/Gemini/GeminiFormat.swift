package import ElkWire
package import NIOCore

/// `models/{model}:generateContent` and `:streamGenerateContent`, as Google has them.
///
/// The model's name and whether to stream stand in the path, so a conversation that was read has neither.
package enum GeminiFormat: TextCodec {
    package static func readRequest(_ body: JSONSlice) throws(Failure) -> Conversation {
        try GeminiRequestReader.read(body)
    }

    package static func writeRequest(
        _ conversation: Conversation,
        _ context: WriteContext,
        dropped: inout [String]
    ) throws(Failure) -> ByteBuffer {
        try GeminiRequestWriter.write(conversation, context, dropped: &dropped)
    }

    package static func readAnswer(_ body: JSONSlice) throws(Failure) -> Answer {
        try GeminiAnswerReader.read(body)
    }

    package static func writeAnswer(_ answer: Answer, _ context: AnswerContext) -> ByteBuffer {
        GeminiAnswerWriter.write(answer, context)
    }

    package static func makeReader() -> GeminiStreamReader { GeminiStreamReader() }

    package static func makeWriter(_ context: AnswerContext) -> GeminiStreamWriter { GeminiStreamWriter(context) }
}
