package import ElkWire
package import NIOCore

/// `count_tokens` answered here, for upstreams that have no such endpoint.
package enum LocalTokenCount {
    /// The answer to a client of `format`; throws what is wrong with its body.
    package static func answer(_ body: JSONSlice, _ format: TextFormat) throws(Failure) -> ByteBuffer {
        guard let codec = format.codec else {
            throw Failure(.notImplemented, "Tokens of this format cannot be counted")
        }
        let count = try codec.readRequest(body).estimatedTokens
        return JSONWriter.text { json in
            json.object { answer in
                switch format {
                case .geminiGenerate: answer.member("totalTokens", count)
                case .openAIResponses:
                    answer.member("object", "response.input_tokens")
                    answer.member("input_tokens", count)
                case .openAIChat, .anthropicMessages: answer.member("input_tokens", count)
                }
            }
        }
    }
}
