import ElkWire
import NIOCore

/// Uploads: written anew with the upstream's model name, part by part as they came.
extension Attempt {
    func form() throws(Failure) -> Exchange {
        if case .json(let root) = call.body { return try jsonImages(root) }
        var form = try form()
        form.fields.removeAll { $0.name == "model" }
        form.fields.insert((name: "model", value: target.model), at: 0)
        for (path, json) in target.overrides {
            form.fields.removeAll { $0.name == path }
            guard let json, let value = try? JSONSlice(validating: json) else { continue }
            form.fields.append((name: path, value: value.string ?? String(buffer: json)))
        }
        let boundary = try Self.boundary(for: call.id, form)
        return try exchange(
            form.encode(boundary: boundary),
            contentType: "multipart/form-data; boundary=\(boundary)",
            shape(of: form)
        )
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
        func value(_ name: String) -> String? { form.fields.first { $0.name == name }?.value }
        switch call.endpoint {
        case .imageEdits, .imageVariations: return imageShape(count: value("n").flatMap { Int($0) })
        default:
            if call.streams { return .pass(StreamMeter(.typed)) }
            return switch value("response_format") {
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

    /// A line that no part contains: made of the request's id, lengthened until that is so.
    private static func boundary(for id: RequestID, _ form: MultipartForm) throws(Failure) -> String {
        let digits = id.description.utf8.filter(\.isLetterOrDigit).map { Character(UnicodeScalar($0)) }
        let base = "elk" + String(digits.prefix(48))
        for suffix in 0..<8 {
            let boundary = base + String(suffix)
            let found =
                form.fields.contains { $0.value.contains(boundary) }
                || form.files.contains { $0.content.contains(boundary) || $0.filename.contains(boundary) }
            if !found { return boundary }
        }
        throw .invalidRequest("The upload cannot be encoded")
    }
}

extension ByteBuffer {
    /// Whether these bytes hold `text`: a search for its first byte, then a comparison.
    func contains(_ text: String) -> Bool {
        let needle = Array(text.utf8)
        guard let first = needle.first else { return true }
        return withUnsafeReadableBytes { bytes in
            guard bytes.count >= needle.count else { return false }
            var position = 0
            while position <= bytes.count - needle.count {
                if bytes[position] == first, bytes[position..<(position + needle.count)].elementsEqual(needle) {
                    return true
                }
                position += 1
            }
            return false
        }
    }
}
