import ElkWire
import NIOCore

/// The body that goes up when the upstream speaks the client's format: the client's bytes, but for what must change.
struct BodyEdit {
    private let root: JSONSlice
    private var edit: JSONEdit
    private(set) var dropped: [String] = []

    init(_ root: JSONSlice) {
        self.root = root
        edit = JSONEdit(root)
    }

    mutating func setModel(_ name: String) {
        guard root["model"]?.isString(name) != true || root.hasDuplicate("model") else { return }
        edit.set("model", string: name)
    }

    mutating func drop(_ names: [String]) {
        for name in names where root[name] != nil {
            edit.remove(name)
            dropped.append(name)
        }
    }

    mutating func set(_ path: [String], json: ByteBuffer) { edit.set(path, json: json) }
    mutating func remove(_ path: [String]) { edit.remove(path) }

    /// What this upstream's chat wants to be different from the original's.
    mutating func apply(_ quirks: TextQuirks, model: String) {
        drop(quirks.dropping)
        for (old, new) in quirks.renamed { rename(old, to: new) }
        if !quirks.renamedRoles.isEmpty, let messages = root["messages"] {
            for (index, message) in messages.elements.enumerated() {
                guard let role = message["role"]?.string, let name = quirks.renamedRoles[role] else { continue }
                edit.set(["messages", String(index), "role"], string: name)
            }
        }
        switch quirks.outputLimit {
        case .any: break
        case .maxTokens: rename("max_completion_tokens", to: "max_tokens")
        case .byModel where Self.isReasoningModel(model): rename("max_tokens", to: "max_completion_tokens")
        case .byModel: break
        }
        if !quirks.takesJSONSchema, root["response_format", "type"]?.string == "json_schema" {
            edit.set("response_format", json: ByteBuffer(string: #"{"type":"json_object"}"#))
            dropped.append("response_format.json_schema")
        }
    }

    /// Asks for usage at the end of a stream.
    ///
    /// Returns whether the client did not, so that it must not see the chunk.
    mutating func askForStreamUsage() -> Bool {
        if root["stream_options", "include_usage"]?.bool == true { return false }
        edit.set(["stream_options", "include_usage"], bool: true)
        return true
    }

    /// The channel's own settings, last, so that nothing of a client's wins over them.
    mutating func apply(_ overrides: [ChannelTarget.Override]) {
        for (path, json) in overrides {
            let names = path.split(separator: ".").map(String.init)
            guard !names.isEmpty else { continue }
            if let json { edit.set(names, json: json) } else { edit.remove(names) }
        }
    }

    /// The bytes; the client's own where nothing was changed.
    func bytes() -> ByteBuffer { edit.apply() }

    private mutating func rename(_ old: String, to new: String) {
        guard let value = root[old] else { return }
        if root[new] == nil { edit.set(new, value) }
        edit.remove(old)
    }

    /// OpenAI's models that refuse `max_tokens`.
    static func isReasoningModel(_ name: String) -> Bool {
        let name = name.split(separator: "/").last.map(String.init) ?? name
        return ["o1", "o3", "o4", "gpt-5", "gpt-6"].contains { name.hasPrefix($0) }
    }
}
