package import ElkWire
package import NIOCore

/// One format: how its requests, answers and streams become neutral types and come back.
///
/// A format is an enum without cases that adopts all of these; `TextFormat.codec` finds it.
package typealias TextCodec = RequestFormat & AnswerReader & AnswerWriter & StreamFormat

package protocol RequestFormat: SendableMetatype {
    /// Reads a client's body. What the neutral types cannot hold goes to `dropped` by its path; what is wrong throws
    /// `invalidRequest` with the member's name.
    static func readRequest(_ body: JSONSlice) throws(Failure) -> Conversation

    /// Writes a body for an upstream, and adds to `dropped` what this format cannot say. What cannot be left out
    /// without changing the meaning (several answers, audio input) throws `invalidRequest`.
    static func writeRequest(
        _ conversation: Conversation,
        _ context: WriteContext,
        dropped: inout [String]
    ) throws(Failure) -> ByteBuffer
}

package protocol AnswerReader: SendableMetatype {
    /// Reads a whole answer of an upstream (status 2xx). Throws the upstream's failure where the body is one.
    static func readAnswer(_ body: JSONSlice) throws(Failure) -> Answer
}

package protocol AnswerWriter: SendableMetatype {
    /// Writes a whole answer for a client.
    static func writeAnswer(_ answer: Answer, _ context: AnswerContext) -> ByteBuffer
}

package protocol StreamFormat: SendableMetatype {
    associatedtype Reader: StreamReader
    associatedtype Writer: StreamWriter
    static func makeReader() -> Reader
    static func makeWriter(_ context: AnswerContext) -> Writer
}

/// Upstream events in, neutral events out.
///
/// See `AnswerEvent` for the order it must keep.
package protocol StreamReader: Sendable {
    /// Appends what the event means. What was appended before a throw stands and is written to the client.
    mutating func read(_ event: SSEEvent, into events: inout [AnswerEvent]) throws(Failure)

    /// The upstream's bytes ended. Appends what is left (Gemini's `end`), or throws where the terminal event is missing.
    mutating func finish(into events: inout [AnswerEvent]) throws(Failure)

    /// The terminal event was seen.
    var isComplete: Bool { get }
}

/// Neutral events in, client bytes out.
///
/// Never fails: what the format cannot show it leaves out.
package protocol StreamWriter: Sendable {
    mutating func write(_ event: AnswerEvent, into out: inout ByteBuffer)

    /// Ends the stream with the format's error event, and never with the terminal event of a whole answer.
    mutating func abort(_ failure: Failure, into out: inout ByteBuffer)

    /// What keeps middleboxes and clients awake while the model thinks.
    static func writeKeepAlive(into out: inout ByteBuffer)
}

/// What a request writer knows besides the conversation.
package struct WriteContext: Sendable {
    /// The model's name at the upstream.
    package var model: String

    package init(model: String) {
        self.model = model
    }
}

/// What an answer writer knows besides the answer.
package struct AnswerContext: Sendable {
    /// The model as the client wrote it: shown where the upstream names none.
    package var model: String
    /// Letters and digits, unique to the request, without a prefix: ids are made of it where the upstream gave none
    /// (`chatcmpl-` + it, `msg_` + it).
    package var id: String
    /// Seconds since 1970.
    package var created: Int
    /// The client asked for usage in its stream.
    package var wantsStreamUsage: Bool
    /// Our own count of the input, for a start event that must show one.
    package var countedInput: Int
    /// The client's body: Responses echo its settings.
    package var request: JSONSlice

    package init(
        model: String,
        id: String,
        created: Int,
        wantsStreamUsage: Bool,
        countedInput: Int,
        request: JSONSlice
    ) {
        self.model = model
        self.id = id
        self.created = created
        self.wantsStreamUsage = wantsStreamUsage
        self.countedInput = countedInput
        self.request = request
    }
}

extension Usage {
    /// What we counted ourselves, for formats that must show something where the upstream reported nothing.
    package static func counted(_ context: AnswerContext, outputBytes: Int) -> Usage {
        Usage(
            inputTokens: context.countedInput,
            outputTokens: TokenEstimate.tokens(inUTF8: outputBytes),
            source: .counted
        )
    }
}
