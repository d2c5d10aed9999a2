import ElkWire
import NIOCore

/// `Answer` → a whole answer for a Responses client.
enum ResponsesAnswerWriter {
    static func write(_ answer: Answer, _ context: AnswerContext) -> ByteBuffer {
        // The format has one answer a request.
        let choice = answer.choices.first ?? .init([], stop: .endOfTurn)
        let object = ResponsesObject(context, id: answer.id, model: answer.model, created: answer.created)
        let incomplete = ResponsesObject.incompleteReason(choice.stop)
        var json = JSONWriter()
        object.write(
            status: incomplete == nil ? "completed" : "incomplete",
            items: ResponsesItem.items(of: choice.parts, answerID: context.id),
            usage: answer.usage ?? Usage(inputTokens: context.countedInput),
            incomplete: incomplete,
            serviceTier: answer.serviceTier,
            into: &json
        )
        return json.buffer
    }
}
