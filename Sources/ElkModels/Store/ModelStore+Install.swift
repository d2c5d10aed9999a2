import FoundationEssentials
import Glibc

extension ModelStore {
    /// Registers weights that are already on this machine under `name`.
    ///
    /// The store refers to them where they are, or holds a copy of the files at the top of the folder when `copying`.
    /// - Parameter check: throws what is wrong with the weights at a path; decides whether they can be used.
    package func add(
        _ name: String,
        from source: String,
        copying: Bool,
        now: Int,
        check: (String) throws(ModelStoreError) -> Void
    ) throws(ModelStoreError) -> StoredModel {
        try Self.checkName(name)
        guard let real = realpath(source, nil) else { throw ModelStoreError(.disk, "\(source): \(lastSystemError())") }
        let path = String(cString: real)
        free(real)
        guard !path.contains("\n") else {
            throw ModelStoreError(.invalidName, "A path with a line break in it cannot be kept.")
        }
        let lock = try lock(name)
        defer { lock.release() }
        guard find(name) == nil else {
            throw ModelStoreError(.alreadyInstalled, "There is a model \(name) already; remove it first.")
        }
        try check(path)
        let names = try weightFiles(at: path)
        let staging = partialPath(of: name) + "/added"
        try delete(staging)
        try makeFolder(staging)
        var files: [ModelManifest.File] = []
        for (name, file) in names {
            if copying { try copy(file, to: "\(staging)/\(name)") }
            files.append(.init(name: name, bytes: fileSize(file) ?? 0, sha256: try sha256(ofFileAt: file)))
        }
        let manifest = ModelManifest(
            source: (copying ? "copied from " : "refers to ") + path,
            added: now,
            linked: copying ? nil : path,
            files: files
        )
        try publish(staging, as: name, manifest: manifest)
        return StoredModel(name: name, home: self.path(of: name), manifest: manifest)
    }

    /// Writes the manifest into `staging`, makes everything durable and renames it to the model's folder.
    func publish(_ staging: String, as name: String, manifest: ModelManifest) throws(ModelStoreError) {
        try write(manifest.text, to: "\(staging)/\(ModelManifest.fileName)")
        for file in manifest.files where manifest.linked == nil {
            try OpenFile(reading: "\(staging)/\(file.name)").synchronize()
        }
        try OpenFile(reading: staging).synchronize()
        let home = path(of: name)
        let previous = "\(folder)/.removed-\(name)"
        try delete(previous)
        if isFolder(home) { try move(home, to: previous) }
        try move(staging, to: home)
        try OpenFile(reading: folder).synchronize()
        try delete(previous)
        try delete(partialPath(of: name))
    }

    private func weightFiles(at path: String) throws(ModelStoreError) -> [(name: String, path: String)] {
        guard isFolder(path) else { return [(String(path.split(separator: "/").last ?? "model.bin"), path)] }
        let names: [String]
        do {
            names = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        } catch {
            throw ModelStoreError(.disk, "\(path): \(error)")
        }
        return names.filter { !$0.hasPrefix(".") && !$0.contains("\n") && $0 != ModelManifest.fileName }
            .map { ($0, "\(path)/\($0)") }
            .filter { fileSize($0.1) != nil }
    }
}
