import FoundationEssentials
import Glibc

func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
}

/// Size of a regular file in bytes, nil when there is none at `path`.
func fileSize(_ path: String) -> Int? {
    var status = stat()
    guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
    return Int(status.st_size)
}

/// Makes a folder and those above it.
func makeFolder(_ path: String) throws(ModelStoreError) {
    guard !isFolder(path), !path.isEmpty else { return }
    if let slash = path.lastIndex(of: "/") { try makeFolder(String(path[..<slash])) }
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
        throw ModelStoreError(.disk, "The folder \(path) cannot be made: \(lastSystemError())")
    }
}

/// Deletes a file or a folder with all in it; nothing happens when there is none.
func delete(_ path: String) throws(ModelStoreError) {
    var status = stat()
    guard lstat(path, &status) == 0 else { return }
    do {
        try FileManager.default.removeItem(atPath: path)
    } catch {
        throw ModelStoreError(.disk, "\(path) cannot be deleted: \(error)")
    }
}

func move(_ path: String, to target: String) throws(ModelStoreError) {
    guard rename(path, target) == 0 else {
        throw ModelStoreError(.disk, "\(path) cannot be moved to \(target): \(lastSystemError())")
    }
}

func copy(_ path: String, to target: String) throws(ModelStoreError) {
    let input = try OpenFile(reading: path)
    let output = try OpenFile(writing: target)
    try input.forEachChunk { chunk throws(ModelStoreError) in try output.write(chunk) }
    try output.synchronize()
}

func write(_ text: String, to path: String) throws(ModelStoreError) {
    let file = try OpenFile(writing: path)
    let bytes = Array(text.utf8)
    var failure: ModelStoreError?
    bytes.withUnsafeBytes { buffer in
        do throws(ModelStoreError) {
            try file.write(buffer)
        } catch {
            failure = error
        }
    }
    if let failure { throw failure }
    try file.synchronize()
}
