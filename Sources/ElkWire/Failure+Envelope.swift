package import NIOCore

extension Failure {
    /// The HTTP status in a dialect: Anthropic has numbers of its own for an overload and an empty account.
    package func status(in dialect: Dialect) -> Int {
        guard dialect == .anthropic else { return status == 529 ? 503 : status }
        switch kind {
        case .overloaded: return 529
        case .insufficientQuota: return 402
        default: return status
        }
    }

    /// Writes `{"error":{"message","type","param","code"}}`, the envelope that OpenAI clients turn into typed
    /// exceptions.
    package func writeEnvelope(into buffer: inout ByteBuffer) {
        writeEnvelope(.openAI, requestID: nil, into: &buffer)
    }

    /// Writes the body of an error answer in the dialect.
    package func writeEnvelope(_ dialect: Dialect, requestID: RequestID?, into buffer: inout ByteBuffer) {
        var writer = JSONWriter(taking: &buffer)
        switch dialect {
        case .openAI: writeOpenAI(into: &writer)
        case .anthropic: writeAnthropic(requestID, into: &writer)
        case .gemini: writeGemini(into: &writer)
        }
        buffer = writer.buffer
    }

    /// Writes the event that ends a stream in this failure, in the dialect; nothing may follow it, `[DONE]` neither.
    ///
    /// Streams of the Responses API have an event of their own, with a sequence number: their translator writes it.
    package func writeErrorEvent(_ dialect: Dialect, requestID: RequestID?, into buffer: inout ByteBuffer) {
        switch dialect {
        case .openAI: buffer.writeSSE { writeOpenAI(into: &$0) }
        case .anthropic: buffer.writeSSE(type: "error") { writeAnthropic(requestID, into: &$0) }
        case .gemini: buffer.writeSSE { writeGemini(into: &$0) }
        }
    }

    private func writeOpenAI(into writer: inout JSONWriter) {
        writer.object { envelope in
            envelope.object("error") { error in
                error.member("message", message)
                error.member("type", type)
                error.member("param", orNull: parameter)
                error.member("code", orNull: code)
            }
        }
    }

    private func writeAnthropic(_ requestID: RequestID?, into writer: inout JSONWriter) {
        writer.object { envelope in
            envelope.member("type", "error")
            envelope.object("error") { error in
                error.member("type", kind.anthropicType)
                error.member("message", message)
            }
            if let requestID { envelope.member("request_id", requestID.description) }
        }
    }

    private func writeGemini(into writer: inout JSONWriter) {
        writer.object { envelope in
            envelope.object("error") { error in
                error.member("code", status(in: .gemini))
                error.member("message", message)
                error.member("status", kind.geminiStatus)
            }
        }
    }
}

extension Failure {
    /// Members of an `error` of the realtime API, in an object that is open.
    package func writeRealtime(into error: inout JSONWriter) {
        error.member("type", type)
        error.member("code", orNull: code)
        error.member("message", message)
        error.member("param", orNull: parameter)
    }

    /// The event `error` of the realtime API.
    ///
    /// - Parameter cause: `event_id` of the client's event that it answers.
    package func realtimeEvent(cause: String? = nil) -> ByteBuffer {
        JSONWriter.text { json in
            json.object { event in
                event.member("type", "error")
                event.member("event_id", "event_\(RequestID().description.dropFirst("req_".count).prefix(21))")
                event.object("error") { error in
                    writeRealtime(into: &error)
                    error.member("event_id", orNull: cause)
                }
            }
        }
    }
}
