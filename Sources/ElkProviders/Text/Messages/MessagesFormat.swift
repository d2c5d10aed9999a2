package import ElkWire
package import NIOCore

/// `POST /v1/messages`, as Anthropic has it.
package enum MessagesFormat: TextCodec {
    package static func readRequest(_ body: JSONSlice) throws(Failure) -> Conversation {
        try MessagesRequestReader.read(body)
    }

    package static func writeRequest(
        _ conversation: Conversation,
        _ context: WriteContext,
        dropped: inout [String]
    ) throws(Failure) -> ByteBuffer {
        try MessagesRequestWriter.write(conversation, context, dropped: &dropped)
    }

    package static func readAnswer(_ body: JSONSlice) throws(Failure) -> Answer {
        try MessagesAnswerReader.read(body)
    }

    package static func writeAnswer(_ answer: Answer, _ context: AnswerContext) -> ByteBuffer {
        MessagesAnswerWriter.write(answer, context)
    }

    package static func makeReader() -> MessagesStreamReader { MessagesStreamReader() }

    package static func makeWriter(_ context: AnswerContext) -> MessagesStreamWriter { MessagesStreamWriter(context) }
}
