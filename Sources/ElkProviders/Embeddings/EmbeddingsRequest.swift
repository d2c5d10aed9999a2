import ElkWire
import NIOCore

/// What is to be embedded, in no provider's terms.
struct EmbeddingsRequest: Sendable {
    /// JSON strings, or arrays of tokens that only the model's own provider can read.
    var inputs: [JSONSlice] = []
    var dimensions: Int?
    var wantsBase64 = false
    /// Cohere's `input_type`, which other families send along too.
    var inputType: String?
    var dropped: [String] = []

    var hasTokens: Bool { inputs.contains { $0.kind == .array } }

    /// A guess, for providers that report nothing.
    var estimate: Usage {
        let bytes = inputs.reduce(0) { $0 + ($1.kind == .string ? $1.textLength : $1.range.count) }
        return Usage(inputTokens: TokenEstimate.tokens(inUTF8: bytes), source: .estimated)
    }

    /// OpenAI's shape: `input` is a string, strings, tokens, or arrays of tokens.
    init(openAI root: JSONSlice) throws(Failure) {
        guard let input = root["input"] else {
            throw .invalidRequest("You must provide \"input\"", parameter: "input")
        }
        switch input.kind {
        case .string: inputs = [input]
        case .array:
            inputs = Array(input.elements)
            if inputs.first?.kind == .number { inputs = [input] }
        default: break
        }
        guard !inputs.isEmpty, inputs.allSatisfy({ $0.kind == .string || $0.kind == .array }) else {
            throw .invalidRequest("\"input\" must be a string or a list of strings or of tokens", parameter: "input")
        }
        switch root["encoding_format"]?.string {
        case "base64": wantsBase64 = true
        case nil, "float": break
        default: throw .invalidRequest("\"encoding_format\" must be float or base64", parameter: "encoding_format")
        }
        dimensions = root["dimensions"]?.int
        inputType = root["input_type"]?.string
    }

    /// Gemini's shapes: one `content`, or `requests` with one each.
    ///
    /// The parts of a content are one text.
    init(gemini root: JSONSlice) throws(Failure) {
        let requests = root["requests"].map { Array($0.elements) } ?? [root]
        guard !requests.isEmpty else { throw .invalidRequest("\"requests\" is empty", parameter: "requests") }
        for request in requests {
            var text = ""
            guard let parts = request["content", "parts"] else {
                throw .invalidRequest("\"content\" is missing", parameter: "content")
            }
            for part in parts.elements {
                guard let piece = part["text"]?.string else {
                    throw .invalidRequest("Only text can be embedded here", parameter: "content.parts")
                }
                text += piece
            }
            var writer = JSONWriter()
            writer.value(text)
            if let slice = try? JSONSlice(validating: writer.buffer) { inputs.append(slice) }
            dimensions = (request["outputDimensionality"] ?? request["output_dimensionality"])?.int ?? dimensions
            if request["taskType"] != nil || request["task_type"] != nil, !dropped.contains("taskType") {
                dropped.append("taskType")
            }
        }
    }

    /// Texts alone; what is refused says why.
    private func texts(for provider: String) throws(Failure) -> [JSONSlice] {
        guard !hasTokens else {
            throw .invalidRequest("\(provider) embeds text and not tokens", parameter: "input")
        }
        return inputs
    }

    func openAIBody(model: String) -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("model", model)
        writer.key("input")
        writer.beginArray()
        for input in inputs { writer.raw(input) }
        writer.endArray()
        if let dimensions { writer.member("dimensions", dimensions) }
        writer.endObject()
        return writer.buffer
    }

    /// `batchEmbedContents`.
    func geminiBody(model: String) throws(Failure) -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.key("requests")
        writer.beginArray()
        for text in try texts(for: "Gemini") {
            writer.beginObject()
            writer.member("model", "models/\(model)")
            writer.key("content")
            writer.beginObject()
            writer.key("parts")
            writer.beginArray()
            writer.beginObject()
            writer.member("text", text)
            writer.endObject()
            writer.endArray()
            writer.endObject()
            if let dimensions { writer.member("outputDimensionality", dimensions) }
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.buffer
    }

    /// Cohere's v2.
    ///
    /// Without a wish of the client's the texts are documents: queries are the smaller part of what is embedded.
    func cohereBody(model: String) throws(Failure) -> ByteBuffer {
        var writer = JSONWriter()
        writer.beginObject()
        writer.member("model", model)
        writer.member("input_type", inputType ?? "search_document")
        writer.key("embedding_types")
        writer.beginArray()
        writer.value("float")
        writer.endArray()
        if let dimensions { writer.member("output_dimension", dimensions) }
        writer.key("texts")
        writer.beginArray()
        for text in try texts(for: "Cohere") { writer.raw(text) }
        writer.endArray()
        writer.endObject()
        return writer.buffer
    }
}
