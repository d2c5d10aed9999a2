import ElkWire
import NIOCore

/// Uploads: written anew with the upstream's model name, part by part as they came.
extension Attempt {
    func upload() throws(Failure) -> Exchange {
        if case .json(let root) = call.body { return try jsonImages(root) }
        var form = try form()
        form.set("model", to: target.model)
        for (name, json) in target.overrides {
            guard let json else {
                form.remove(name)
                continue
            }
            form.set(name, to: (try? JSONSlice(validating: json))?.string ?? String(buffer: json))
        }
        let boundary = MultipartBoundary.random()
        return try exchange(form.encode(boundary: boundary), contentType: boundary.contentType, shape(of: form))
    }

    /// OpenAI takes image edits as JSON too, with the images by address or file id.
    private func jsonImages(_ root: JSONSlice) throws(Failure) -> Exchange {
        guard call.endpoint == .imageEdits, root.kind == .object else {
            throw .invalidRequest("This endpoint takes multipart/form-data")
        }
        var edit = BodyEdit(root)
        edit.setModel(target.model)
        edit.apply(target.overrides)
        return try exchange(edit.bytes(), imageShape(count: root["n"]?.int))
    }

    private func shape(of form: MultipartForm) -> ReplyPlan.Shape {
        switch call.endpoint {
        case .imageEdits, .imageVariations: return imageShape(count: form.value(of: "n").flatMap { Int($0) })
        default:
            if call.streams { return .pass(StreamMeter(.typed)) }
            return switch form.value(of: "response_format") {
            case "text", "srt", "vtt": .bytes(nil, countsBytes: true)
            default: .whole(WholePass(format: .transcription))
            }
        }
    }

    private func imageShape(count: Int?) -> ReplyPlan.Shape {
        var wanted = Usage(source: .counted)
        wanted.images = count ?? 1
        return call.streams
            ? .pass(StreamMeter(.typed, base: wanted)) : .whole(WholePass(format: .images, base: wanted))
    }
}
