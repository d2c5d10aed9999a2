import Glibc

/// The files beside a weight file: configuration, vocabulary, shards.
enum Companions {
    case folder(String)
    /// Contents by name, for tests and fuzzers.
    case memory([String: [UInt8]])

    /// The file of this name, or nil when there is none.
    func file(_ name: String) throws(ModelError) -> MappedFile? {
        switch self {
        case .folder(let folder):
            let path = "\(folder)/\(name)"
            guard access(path, F_OK) == 0 else { return nil }
            return try MappedFile(path: path)
        case .memory(let files):
            return files[name].map { contents in
                contents.withUnsafeBytes { MappedFile(contents: $0, path: name) }
            }
        }
    }
}

/// Finds the weight file of a model.
enum ModelFolder {
    /// - Parameter path: a folder, or the weight file itself.
    static func locate(_ path: String) throws(ModelError) -> (weights: MappedFile, companions: Companions) {
        var status = stat()
        guard stat(path, &status) == 0 else { throw ModelError("\(path) does not exist or cannot be read") }
        if status.st_mode & S_IFMT == S_IFDIR {
            return (try weights(in: path), .folder(path))
        }
        let slash = path.lastIndex(of: "/")
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        return (try MappedFile(path: path), .folder(folder))
    }

    private static func weights(in folder: String) throws(ModelError) -> MappedFile {
        var models: [MappedFile] = []
        var refusal: ModelError?
        for name in try candidates(in: folder) {
            let file: MappedFile
            do {
                file = try MappedFile(path: "\(folder)/\(name)")
            } catch {
                refusal = refusal ?? error
                continue
            }
            switch FileKind(file) {
            case .foreign(let reason): refusal = refusal ?? file.fault(reason)
            case .json where !name.hasSuffix(".index.json"): refusal = refusal ?? file.fault("is JSON, not a model")
            default: models.append(file)
            }
            // The usual names decide alone; others only when they are not ambiguous.
            if rank(name) < otherRank, let model = models.first { return model }
        }
        if models.count > 1 {
            throw ModelError("\(folder) holds several models: name one of them, such as \(models[0].path)")
        }
        guard let model = models.first else {
            throw refusal ?? ModelError("\(folder) has no model in it: no safetensors, CTranslate2 or ggml file")
        }
        return model
    }

    private static let usualNames = ["model.safetensors", "model.safetensors.index.json", "model.bin"]
    private static let otherRank = usualNames.count

    private static func rank(_ name: String) -> Int {
        usualNames.firstIndex(of: name) ?? otherRank
    }

    /// Names of possible weight files, likeliest first.
    private static func candidates(in folder: String) throws(ModelError) -> [String] {
        guard let names = FolderListing.names(in: folder) else { throw ModelError("\(folder) cannot be read") }
        return names.filter { $0.hasSuffix(".bin") || $0.hasSuffix(".safetensors") || usualNames.contains($0) }
            .sorted { (rank($0), $0) < (rank($1), $1) }
    }
}
