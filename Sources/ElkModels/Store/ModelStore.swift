import FoundationEssentials
import Glibc

/// A folder of models, one folder a model.
///
/// A model appears whole or not at all: it is put together in `.partial-NAME` and renamed. Every call blocks on the disk.
package struct ModelStore: Sendable {
    package let folder: String

    package init(folder: String) {
        self.folder = folder
    }

    /// `$ELK_HOME/models`, `$XDG_DATA_HOME/elk/models` or `~/.local/share/elk/models`, the first that is set.
    package static func defaultFolder(environment: [String: String]) -> String {
        func value(_ name: String) -> String? {
            environment[name].flatMap { $0.isEmpty ? nil : $0 }
        }
        if let home = value("ELK_HOME") { return home + "/models" }
        if let data = value("XDG_DATA_HOME") { return data + "/elk/models" }
        return (value("HOME") ?? ".") + "/.local/share/elk/models"
    }

    /// Models in the store by name.
    ///
    /// A folder that does not exist holds none.
    package func list() -> [StoredModel] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.sorted().compactMap { find($0) }
    }

    /// The model called exactly `name`; nil when there is none or the name could not be one.
    package func find(_ name: String) -> StoredModel? {
        guard Self.isValidName(name) else { return nil }
        let home = path(of: name)
        guard isFolder(home) else { return nil }
        let manifest = (try? String(contentsOfFile: home + "/" + ModelManifest.fileName, encoding: .utf8))
            .flatMap(ModelManifest.init)
        return StoredModel(name: name, home: home, manifest: manifest)
    }

    /// The model called exactly `name`, else the one that this is another name of in the catalogue.
    package func find(_ name: String, or catalogue: ModelCatalogue) -> StoredModel? {
        find(name) ?? find(catalogue.canonicalName(name))
    }

    /// The model called `name`, or an error that says what to do about it.
    package func require(_ name: String) throws(ModelStoreError) -> StoredModel {
        try Self.checkName(name)
        guard let model = find(name) else {
            throw ModelStoreError(.notInstalled, "The model \(name) is not installed.")
        }
        return model
    }

    /// Deletes a model and what is left of an unfinished pull of it.
    ///
    /// Files outside the store stay.
    package func remove(_ name: String) throws(ModelStoreError) {
        try Self.checkName(name)
        let isPartial = isFolder(partialPath(of: name))
        guard isFolder(path(of: name)) || isPartial else {
            throw ModelStoreError(.notInstalled, "The model \(name) is not installed.")
        }
        let lock = try lock(name)
        defer { lock.release() }
        let doomed = folder + "/.removed-\(name)"
        try delete(doomed)
        if isFolder(path(of: name)) { try move(path(of: name), to: doomed) }
        try delete(doomed)
        try delete(partialPath(of: name))
        try delete(lockPath(of: name))
    }

    /// Compares every file with the size and hash that were recorded when the model came in.
    ///
    /// - Throws: `.damaged` for a model without a manifest: there is nothing to compare it with.
    package func verify(
        _ name: String,
        isCancelled: () -> Bool = { false }
    ) throws(ModelStoreError) -> [(file: String, verdict: FileVerdict)] {
        let model = try require(name)
        guard let manifest = model.manifest else {
            throw ModelStoreError(
                .damaged,
                "The model \(name) was put into \(model.home) by hand and has no manifest to check it against."
            )
        }
        var verdicts: [(file: String, verdict: FileVerdict)] = []
        for file in manifest.files {
            let path = model.path(of: file)
            guard let bytes = fileSize(path) else {
                verdicts.append((path, .missing))
                continue
            }
            guard bytes == file.bytes else {
                verdicts.append((path, .wrongSize(bytes, expected: file.bytes)))
                continue
            }
            let matches = try sha256(ofFileAt: path, isCancelled: isCancelled) == file.sha256
            verdicts.append((path, matches ? .good : .wrongHash))
        }
        return verdicts
    }
}

/// What `verify` found out about one file.
package enum FileVerdict: Sendable, Hashable {
    case good
    case missing
    case wrongSize(Int, expected: Int)
    case wrongHash
}

/// One model of a store.
package struct StoredModel: Sendable, Hashable {
    package let name: String
    /// Its folder in the store.
    package let home: String
    /// nil for a folder that someone put there by hand.
    package let manifest: ModelManifest?

    /// Folder or file to open the weights from.
    package var weights: String { manifest?.linked ?? home }

    func path(of file: ModelManifest.File) -> String {
        guard let linked = manifest?.linked else { return "\(home)/\(file.name)" }
        return isFolder(linked) ? "\(linked)/\(file.name)" : linked
    }
}

extension ModelStore {
    /// Letters, digits, `.`, `_` and `-`, not starting with a dot: nothing that could leave the store's folder.
    package static func isValidName(_ name: String) -> Bool {
        guard (1...64).contains(name.utf8.count), name.utf8.first != UInt8(ascii: ".") else { return false }
        return name.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
                true
            default: false
            }
        }
    }

    static func checkName(_ name: String) throws(ModelStoreError) {
        guard isValidName(name) else {
            throw ModelStoreError(
                .invalidName,
                "A model's name is 1 to 64 letters, digits, '.', '_' or '-' and does not start with '.': \(name)"
            )
        }
    }

    func path(of name: String) -> String { "\(folder)/\(name)" }
    func partialPath(of name: String) -> String { "\(folder)/.partial-\(name)" }
    private func lockPath(of name: String) -> String { "\(folder)/.lock-\(name)" }

    func lock(_ name: String) throws(ModelStoreError) -> StoreLock {
        try makeFolder(folder)
        return try StoreLock(path: lockPath(of: name), model: name)
    }
}
