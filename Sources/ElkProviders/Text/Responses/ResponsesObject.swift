import ElkWire
import NIOCore

/// The Response object: of a whole answer, and in the events at both ends of a stream.
struct ResponsesObject: Sendable {
    let context: AnswerContext
    /// With the prefix.
    let id: String
    let model: String
    let created: Int

    init(_ context: AnswerContext, id: String, model: String, created: Int?) {
        self.context = context
        // Clients expect the prefix; an id of another format is kept behind it, so that logs can be matched.
        self.id = id.hasPrefix("resp_") ? id : "resp_" + (id.isEmpty ? context.id : id)
        self.model = model.isEmpty ? context.model : model
        self.created = created ?? context.created
    }

    func write(
        status: String,
        items: [ResponsesItem],
        usage: Usage?,
        incomplete: String? = nil,
        failure: Failure? = nil,
        serviceTier: String? = nil,
        into json: inout JSONWriter
    ) {
        json.object { object in
            object.member("id", id)
            object.member("object", "response")
            object.member("created_at", created)
            object.member("status", status)
            object.member("background", false)
            error(failure, into: &object)
            if let incomplete {
                object.object("incomplete_details") { $0.member("reason", incomplete) }
            } else {
                object.nullMember("incomplete_details")
            }
            object.member("model", model)
            object.array("output") { output in
                for (position, item) in items.enumerated() {
                    // Only the last one can have been cut.
                    let isCut = incomplete != nil && position == items.count - 1
                    item.write(isDone: true, status: isCut ? "incomplete" : nil, into: &output)
                }
            }
            echo(serviceTier, into: &object)
            ResponsesUsage.write(usage, into: &object)
        }
    }

    static func incompleteReason(_ stop: StopReason) -> String? {
        switch stop {
        case .maxTokens, .contextExceeded: "max_output_tokens"
        case .contentFilter: "content_filter"
        case .endOfTurn, .stopSequence, .toolCalls, .refusal, .pause: nil
        }
    }

    private func error(_ failure: Failure?, into json: inout JSONWriter) {
        guard let failure else { return json.nullMember("error") }
        json.object("error") { error in
            error.member("code", failure.kind == .rateLimited ? "rate_limit_exceeded" : "server_error")
            error.member("message", failure.message)
        }
    }

    /// The request's settings as the client wrote them, or what stands for them where it did not.
    private func echo(_ serviceTier: String?, into json: inout JSONWriter) {
        let request = context.request
        for (name, usual) in Self.echoed {
            if let value = request[name], !value.isNull {
                json.member(name, value)
            } else {
                json.member(name, json: ByteBuffer(staticString: usual))
            }
        }
        if let serviceTier {
            json.member("service_tier", serviceTier)
        } else if let value = request["service_tier"], value.kind == .string {
            json.member("service_tier", value)
        }
    }

    private static let echoed: [(String, StaticString)] = [
        ("instructions", "null"), ("max_output_tokens", "null"), ("parallel_tool_calls", "true"),
        ("previous_response_id", "null"), ("reasoning", #"{"effort":null,"summary":null}"#), ("store", "true"),
        ("temperature", "1.0"), ("text", #"{"format":{"type":"text"}}"#), ("tool_choice", "\"auto\""), ("tools", "[]"),
        ("top_p", "1.0"), ("truncation", "\"disabled\""), ("user", "null"), ("metadata", "{}"),
    ]
}
