package import ElkWire
package import NIOCore

/// `POST /v1/responses`, as OpenAI has it.
package enum ResponsesFormat: TextCodec {
    package static func readRequest(_ body: JSONSlice) throws(Failure) -> Conversation {
        try ResponsesRequestReader.read(body)
    }

    package static func writeRequest(
        _ conversation: Conversation,
        _ context: WriteContext,
        dropped: inout [String]
    ) throws(Failure) -> ByteBuffer {
        try ResponsesRequestWriter.write(conversation, context, dropped: &dropped)
    }

    package static func readAnswer(_ body: JSONSlice) throws(Failure) -> Answer {
        try ResponsesAnswerReader.read(body)
    }

    package static func writeAnswer(_ answer: Answer, _ context: AnswerContext) -> ByteBuffer {
        ResponsesAnswerWriter.write(answer, context)
    }

    package static func makeReader() -> ResponsesStreamReader { ResponsesStreamReader() }

    package static func makeWriter(_ context: AnswerContext) -> ResponsesStreamWriter { ResponsesStreamWriter(context) }
}
