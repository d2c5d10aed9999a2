/// Where the encoded audio is.
///
/// The content decides the format; a file's name is never looked at.
public enum AudioSource: Sendable {
    /// A regular file; devices, pipes and folders are refused.
    case file(path: String)
    case bytes([UInt8])
}

extension AudioSource {
    /// Opens the source for the length of `body`; memory is not copied.
    func withInput<Result>(
        watch: Watch,
        _ body: (MediaInput) throws(AudioError) -> Result
    ) throws(AudioError) -> Result {
        switch self {
        case .file(let path):
            return try body(MediaInput(path: path, watch: watch))
        case .bytes(let bytes):
            let result = bytes.withUnsafeBytes { memory -> Swift.Result<Result, AudioError> in
                do throws(AudioError) {
                    return .success(try body(MediaInput(bytes: memory, watch: watch)))
                } catch {
                    return .failure(error)
                }
            }
            return try result.get()
        }
    }
}
