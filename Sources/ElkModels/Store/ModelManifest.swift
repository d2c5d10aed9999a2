/// What a model folder is made of and where it came from: the file `elk-model.manifest` in it.
///
/// Lines of a word and its value: `source hub openai/whisper-base`, `added 1763800000`, `linked /folder`,
/// `file SHA256 BYTES NAME`. Unknown words are skipped, so that later versions may add some.
package struct ModelManifest: Sendable, Hashable {
    package static let fileName = "elk-model.manifest"

    package struct File: Sendable, Hashable {
        package var name: String
        package var bytes: Int
        package var sha256: String

        package init(name: String, bytes: Int, sha256: String) {
            self.name = name
            self.bytes = bytes
            self.sha256 = sha256
        }
    }

    /// How a person names the source.
    package var source: String
    /// Unix seconds.
    package var added: Int
    /// Folder or file outside the store that holds the weights, nil when the store does.
    package var linked: String?
    package var files: [File]

    package init(source: String, added: Int, linked: String? = nil, files: [File]) {
        self.source = source
        self.added = added
        self.linked = linked
        self.files = files
    }

    package var bytes: Int {
        files.reduce(0) { $0 &+ $1.bytes }
    }
}

extension ModelManifest {
    /// Reads `text`; nil when it is not a manifest.
    init?(_ text: String) {
        var lines = text.split(separator: "\n", omittingEmptySubsequences: true)
        guard lines.first == "elk-model 1" else { return nil }
        lines.removeFirst()
        self.init(source: "", added: 0, files: [])
        for line in lines {
            let parts = line.split(separator: " ", maxSplits: 1)
            guard parts.count == 2 else { return nil }
            let value = String(parts[1])
            switch parts[0] {
            case "source": source = value
            case "added": added = Int(value) ?? 0
            case "linked": linked = value
            case "file":
                guard let file = File(line: value) else { return nil }
                files.append(file)
            default: continue
            }
        }
    }

    var text: String {
        var lines = ["elk-model 1", "source \(source)", "added \(added)"]
        if let linked { lines.append("linked \(linked)") }
        lines += files.map { "file \($0.sha256) \($0.bytes) \($0.name)" }
        return lines.joined(separator: "\n") + "\n"
    }
}

extension ModelManifest.File {
    fileprivate init?(line: String) {
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count == 3, parts[0].utf8.count == 64, let bytes = Int(parts[1]), bytes >= 0,
            !parts[2].contains("/")
        else { return nil }
        self.init(name: String(parts[2]), bytes: bytes, sha256: String(parts[0]))
    }
}
