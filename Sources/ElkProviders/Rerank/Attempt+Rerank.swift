import ElkWire
import NIOCore

/// Ranking documents by a query, to Jina's family or to Cohere.
///
/// The client's shape is Jina's (which other rerankers copied): `documents` as strings or `{"text"}` objects,
/// `return_documents`. Cohere's takes strings, returns no documents, and reports search units.
extension Attempt {
    func rerank(_ format: RerankFormat) throws(Failure) -> Exchange {
        let root = try json()
        guard root["query"]?.kind == .string else {
            throw .invalidRequest("\"query\" must be a string", parameter: "query")
        }
        guard let documents = root["documents"], documents.kind == .array else {
            throw .invalidRequest("\"documents\" must be an array", parameter: "documents")
        }
        var edit = BodyEdit(root)
        edit.setModel(target.model)
        var returned: JSONSlice?
        if format == .cohere {
            edit.drop(["overlap_tokens", "max_chunk_per_doc"])
            if let wish = root["return_documents"] {
                edit.remove(["return_documents"])
                if wish.bool == true { returned = documents }
            }
            try edit.flatten(documents)
        }
        edit.apply(target.overrides)
        return try exchange(
            edit.bytes(),
            dropped: edit.dropped,
            .whole(RerankTranslation(documents: returned, model: call.model))
        )
    }
}

extension BodyEdit {
    /// Documents as plain strings.
    fileprivate mutating func flatten(_ documents: JSONSlice) throws(Failure) {
        for (index, document) in documents.elements.enumerated() where document.kind != .string {
            guard let text = document["text"], text.kind == .string else {
                throw .invalidRequest(
                    "Documents must be strings or objects with \"text\"",
                    parameter: "documents[\(index)]"
                )
            }
            set(["documents", String(index)], json: text.bytes)
        }
    }
}

/// Completes a rerank answer with what a client of either family looks for: `model`, `usage`, the documents.
struct RerankTranslation: WholeTranslation {
    /// The request's documents, where the client wants them back and the upstream does not send them.
    let documents: JSONSlice?
    let model: String

    func translate(_ root: JSONSlice, into out: inout ByteBuffer) throws(Failure) -> WholeOutcome {
        guard let results = root["results"], results.kind == .array else {
            throw ClientFailure.badAnswer("a rerank answer without results")
        }
        let reported = root["usage"].flatMap(UsageReading.openAI)
        var usage = reported ?? root["meta"].flatMap(UsageReading.cohere) ?? Usage(source: .counted)
        if usage.searches == 0, root["meta"] == nil, reported == nil { usage.searches = 1 }
        var edit = JSONEdit(root)
        if root["model"] == nil { edit.set("model", string: model) }
        if root["usage"] == nil {
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("prompt_tokens", usage.inputTokens)
            writer.member("total_tokens", usage.inputTokens)
            writer.endObject()
            edit.set("usage", json: writer.buffer)
        }
        if let documents {
            let texts = Array(documents.elements)
            for (position, result) in results.elements.enumerated() where result["document"] == nil {
                guard let index = result["index"]?.int, texts.indices.contains(index) else { continue }
                var writer = JSONWriter()
                writer.beginObject()
                writer.member("text", texts[index]["text"] ?? texts[index])
                writer.endObject()
                edit.set(["results", String(position), "document"], json: writer.buffer)
            }
        }
        out.writeImmutableBuffer(edit.apply())
        return WholeOutcome(usage: usage)
    }
}
