import ElkWire
import NIOCore

/// `chunking_strategy` of a transcription, checked in all its spellings.
///
/// The engine finds the speech by itself, so it has no use for the numbers.
struct ChunkingStrategy {
    private static let name = "chunking_strategy"
    private static let numbers = ["prefix_padding_ms", "silence_duration_ms", "threshold"]

    /// Whether a form field is this one or a bracketed part of it.
    static func isField(_ field: String) -> Bool {
        field == name || (field.hasPrefix(name + "[") && field.last == "]")
    }

    /// `auto`, a JSON object, or one of the object's members in brackets.
    static func check(_ field: String, _ text: String) throws(Failure) {
        guard field == name else {
            try checkMember(String(field.dropFirst(name.utf8.count + 1).dropLast()), text)
            return
        }
        guard text.first == "{" else {
            guard text == "auto" || text == "null" else { throw .notAnOption(text, of: ["auto"], parameter: name) }
            return
        }
        let object: JSONSlice
        do throws(JSONError) {
            object = try JSONSlice(validating: ByteBuffer(string: text), maxDepth: 8)
        } catch {
            throw .invalidRequest("'chunking_strategy' is neither 'auto' nor a JSON object.", parameter: name)
        }
        for (key, value) in object.members {
            let text = value.string ?? String(buffer: value.bytes)
            try checkMember(key.string, text)
        }
    }

    private static func checkMember(_ member: String, _ text: String) throws(Failure) {
        if member == "type" {
            guard text == "server_vad" else { throw .notAnOption(text, of: ["server_vad"], parameter: "\(name).type") }
        } else if numbers.contains(member) {
            guard let number = Double(text), number.isFinite, number >= 0 else {
                throw .invalidRequest("'\(name).\(member)' must be a number.", parameter: "\(name).\(member)")
            }
        }
    }
}
