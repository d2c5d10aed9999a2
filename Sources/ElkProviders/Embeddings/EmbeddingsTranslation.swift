import ElkWire
import NIOCore

/// Turns an embeddings answer into the client's shape and number format.
struct EmbeddingsTranslation: WholeTranslation {
    enum Shape: Sendable, Hashable {
        case openAI(base64: Bool)
        case gemini(isBatch: Bool)
    }

    let upstream: EmbeddingsFormat
    let client: Shape
    /// As the client wrote it.
    let model: String
    /// Where nothing is reported.
    let estimate: Usage

    func translate(_ root: JSONSlice, into out: inout ByteBuffer) throws(Failure) -> WholeOutcome {
        let vectors = Self.vectors(in: root, upstream)
        guard let vectors, !vectors.isEmpty else {
            throw ClientFailure.badAnswer("an embeddings answer without vectors")
        }
        let usage = reported(root) ?? estimate
        switch client {
        case .openAI(let base64):
            if case .openAI = upstream, vectors.allSatisfy({ ($0.kind == .string) == base64 }) {
                out.writeImmutableBuffer(root.bytes)
            } else {
                try writeOpenAI(vectors, base64: base64, usage, into: &out)
            }
        case .gemini(let isBatch): try writeGemini(vectors, isBatch: isBatch, into: &out)
        }
        return WholeOutcome(usage: usage)
    }

    private func reported(_ root: JSONSlice) -> Usage? {
        switch upstream {
        case .openAI: root["usage"].flatMap(UsageReading.openAI)
        case .gemini: root["usageMetadata"].flatMap(UsageReading.gemini)
        case .cohere: root["meta"].flatMap(UsageReading.cohere)
        }
    }

    /// In the order of the inputs.
    ///
    /// A vector is an array of numbers or a base64 string.
    private static func vectors(in root: JSONSlice, _ format: EmbeddingsFormat) -> [JSONSlice]? {
        switch format {
        case .openAI:
            guard let data = root["data"] else { return nil }
            let entries = data.elements.enumerated().compactMap { position, entry -> (index: Int, vector: JSONSlice)? in
                guard let vector = entry["embedding"] else { return nil }
                return (entry["index"]?.int ?? position, vector)
            }
            return entries.sorted { $0.index < $1.index }.map(\.vector)
        case .gemini:
            if let one = root["embedding", "values"] { return [one] }
            return root["embeddings"].map { $0.elements.compactMap { $0["values"] } }
        case .cohere:
            let embeddings = root["embeddings"]
            return (embeddings?["float"] ?? embeddings).map { Array($0.elements) }
        }
    }

    private func writeOpenAI(
        _ vectors: [JSONSlice],
        base64: Bool,
        _ usage: Usage,
        into out: inout ByteBuffer
    ) throws(Failure) {
        var writer = JSONWriter(taking: &out)
        defer { out = writer.buffer }
        writer.beginObject()
        writer.member("object", "list")
        writer.key("data")
        writer.beginArray()
        for (index, vector) in vectors.enumerated() {
            writer.beginObject()
            writer.member("object", "embedding")
            writer.member("index", index)
            writer.key("embedding")
            try Self.write(vector, base64: base64, into: &writer)
            writer.endObject()
        }
        writer.endArray()
        writer.member("model", model)
        writer.key("usage")
        writer.beginObject()
        writer.member("prompt_tokens", usage.totalInput)
        writer.member("total_tokens", usage.totalInput)
        writer.endObject()
        writer.endObject()
    }

    private func writeGemini(_ vectors: [JSONSlice], isBatch: Bool, into out: inout ByteBuffer) throws(Failure) {
        var writer = JSONWriter(taking: &out)
        defer { out = writer.buffer }
        writer.beginObject()
        writer.key(isBatch ? "embeddings" : "embedding")
        if isBatch { writer.beginArray() }
        for vector in isBatch ? vectors[...] : vectors.prefix(1) {
            writer.beginObject()
            writer.key("values")
            try Self.write(vector, base64: false, into: &writer)
            writer.endObject()
        }
        if isBatch { writer.endArray() }
        writer.endObject()
    }

    /// A vector that is already as it must be passes with its digits untouched.
    private static func write(_ vector: JSONSlice, base64: Bool, into writer: inout JSONWriter) throws(Failure) {
        if (vector.kind == .string) == base64 { return writer.raw(vector) }
        guard let values = EmbeddingVector(vector) else {
            throw ClientFailure.badAnswer("a vector that holds no numbers")
        }
        if base64 { values.writeBase64(into: &writer) } else { values.writeArray(into: &writer) }
    }
}
