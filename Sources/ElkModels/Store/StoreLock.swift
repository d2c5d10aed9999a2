import Glibc

/// The right to change one model of a store: an exclusive `flock` that ends when released or with the process.
struct StoreLock: Sendable {
    private let descriptor: CInt

    /// - Throws: `.busy` at once when another holder has it.
    init(path: String, model: String) throws(ModelStoreError) {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw ModelStoreError(.disk, "\(path): \(lastSystemError())") }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            close(descriptor)
            throw ModelStoreError(
                .busy,
                "Another elk is changing the model \(model); try again when it is done."
            )
        }
    }

    /// Gives the right back; to be called once.
    func release() {
        close(descriptor)
    }
}
