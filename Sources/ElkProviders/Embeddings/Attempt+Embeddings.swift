import ElkWire
import NIOCore

extension Attempt {
    /// Embeddings for a client of either shape, from an upstream of `format`.
    func embeddings(_ format: EmbeddingsFormat) throws(Failure) -> Exchange {
        let root = try json()
        if call.endpoint == .geminiEmbed {
            if format == .gemini { return try passGemini(root) }
            let request = try EmbeddingsRequest(gemini: root)
            return try embed(request, format, .gemini(isBatch: root["requests"] != nil))
        }
        let request = try EmbeddingsRequest(openAI: root)
        guard case .openAI(let base64) = format else {
            return try embed(request, format, .openAI(base64: request.wantsBase64))
        }
        var edit = BodyEdit(root)
        edit.setModel(target.model)
        if request.wantsBase64, !base64 { edit.remove(["encoding_format"]) }
        edit.apply(target.overrides)
        return try exchange(edit.bytes(), .whole(translation(request, format, .openAI(base64: request.wantsBase64))))
    }

    private func embed(
        _ request: EmbeddingsRequest,
        _ format: EmbeddingsFormat,
        _ client: EmbeddingsTranslation.Shape
    ) throws(Failure) -> Exchange {
        let body =
            switch format {
            case .openAI: request.openAIBody(model: target.model)
            case .gemini: try request.geminiBody(model: target.model)
            case .cohere: try request.cohereBody(model: target.model)
            }
        guard let written = try? JSONSlice(validating: body) else {
            throw Failure(.internal, "The request could not be translated")
        }
        var edit = BodyEdit(written)
        edit.apply(target.overrides)
        return try exchange(edit.bytes(), dropped: request.dropped, .whole(translation(request, format, client)))
    }

    private func translation(
        _ request: EmbeddingsRequest,
        _ format: EmbeddingsFormat,
        _ client: EmbeddingsTranslation.Shape
    ) -> EmbeddingsTranslation {
        EmbeddingsTranslation(upstream: format, client: client, model: call.model, estimate: request.estimate)
    }

    /// Gemini on both sides: the body passes, but for the model's name where the client repeats it.
    private func passGemini(_ root: JSONSlice) throws(Failure) -> Exchange {
        let request = try EmbeddingsRequest(gemini: root)
        var edit = BodyEdit(root)
        let name = try PathComponent.model(target.model)
        let model = ByteBuffer(string: "\"models/\(name)\"")
        if root["model"] != nil { edit.set(["model"], json: model) }
        if let requests = root["requests"] {
            for (index, item) in requests.elements.enumerated() where item["model"] != nil {
                edit.set(["requests", String(index), "model"], json: model)
            }
        }
        edit.apply(target.overrides)
        return try exchange(
            edit.bytes(),
            .whole(WholePass(format: .embeddings, base: request.estimate))
        )
    }
}
