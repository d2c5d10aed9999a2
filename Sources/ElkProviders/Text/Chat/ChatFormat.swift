package import ElkWire
package import NIOCore

/// `POST /v1/chat/completions`, as OpenAI has it and as the many servers write it that follow it.
package enum ChatFormat: TextCodec {
    package static func readRequest(_ body: JSONSlice) throws(Failure) -> Conversation {
        try ChatRequestReader.read(body)
    }

    package static func writeRequest(
        _ conversation: Conversation,
        _ context: WriteContext,
        dropped: inout [String]
    ) throws(Failure) -> ByteBuffer {
        try ChatRequestWriter.write(conversation, context, dropped: &dropped)
    }

    package static func readAnswer(_ body: JSONSlice) throws(Failure) -> Answer {
        try ChatAnswerReader.read(body)
    }

    package static func writeAnswer(_ answer: Answer, _ context: AnswerContext) -> ByteBuffer {
        ChatAnswerWriter.write(answer, context)
    }

    package static func makeReader() -> ChatStreamReader { ChatStreamReader() }

    package static func makeWriter(_ context: AnswerContext) -> ChatStreamWriter { ChatStreamWriter(context) }
}
