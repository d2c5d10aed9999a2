import Glibc

/// A file that is written piece by piece; `-` is the standard output.
///
/// It is opened, and emptied, with the first piece.
struct OutputFile: ~Copyable {
    private let path: String
    private var file: UnsafeMutablePointer<FILE>?
    /// Of the first piece; a shell may have written to the standard output before.
    private var start: off_t = 0

    init(_ path: String) {
        self.path = path
    }

    deinit {
        if let file { fclose(file) }
    }

    mutating func write(_ bytes: [UInt8]) throws(CommandFault) {
        let file = try opened()
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count, fflush(file) == 0 else { throw fault }
    }

    /// Writes over what is there already, where that can be done: in a plain file.
    mutating func overwrite(_ bytes: [UInt8], at offset: Int) throws(CommandFault) {
        let descriptor = fileno(try opened())
        var facts = stat()
        guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG,
            fcntl(descriptor, F_GETFL) & O_APPEND == 0
        else { return }
        guard pwrite(descriptor, bytes, bytes.count, start + offset) == bytes.count else { throw fault }
    }

    private mutating func opened() throws(CommandFault) -> UnsafeMutablePointer<FILE> {
        if let file { return file }
        guard let file = path == "-" ? fdopen(dup(STDOUT_FILENO), "wb") : fopen(path, "wb") else { throw fault }
        start = max(0, lseek(fileno(file), 0, SEEK_CUR))
        self.file = file
        return file
    }

    private var fault: CommandFault {
        CommandFault(.failure, "\(path) cannot be written: \(String(cString: strerror(errno)))")
    }
}
