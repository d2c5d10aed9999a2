import ElkGateway
import ElkWire
import Logging
import NIOCore
import NIOPosix

/// Where the recording of one request is gathered: in memory while it is short, in a temporary file beyond.
struct UploadSink {
    private let memoryThreshold: Int
    private let folder: String
    private let logger: Logger
    private var memory = ByteBuffer()
    private var file: SpooledFile?
    /// Bytes so far.
    private(set) var count = 0

    init(memoryThreshold: Int, folder: String, logger: Logger) {
        self.memoryThreshold = memoryThreshold
        self.folder = folder
        self.logger = logger
    }

    var isEmpty: Bool { memory.readableBytes == 0 && file == nil }

    mutating func append(_ bytes: ByteBuffer) async throws {
        do {
            count += bytes.readableBytes
            if let file {
                try await file.append(bytes)
                return
            }
            memory.writeImmutableBuffer(bytes)
            guard memory.readableBytes > memoryThreshold else { return }
            let file = try await SpooledFile.make(in: folder, pool: .singleton)
            try await file.append(memory)
            memory = ByteBuffer()
            self.file = file
        } catch let error as SpoolError {
            logger.error(
                "cannot store an upload",
                metadata: ["operation": "\(error.operation)", "errno": "\(error.code)", "folder": "\(folder)"]
            )
            throw Failure.storageFull
        }
    }

    /// The whole recording in memory, for a provider.
    func content() async throws -> ByteBuffer {
        guard let file else { return memory }
        do {
            return try await file.content()
        } catch let error as SpoolError {
            logger.error(
                "cannot read an upload back",
                metadata: ["operation": "\(error.operation)", "errno": "\(error.code)"]
            )
            throw Failure.storageFull
        }
    }

    /// Runs `body` with the recording, which stays available until `body` returns.
    func withAudio<Value>(_ body: (TranscriptionJob.Audio) async throws -> Value) async throws -> Value {
        guard let file else { return try await body(.memory(memory)) }
        let value = try await body(.file(path: file.path))
        return withExtendedLifetime(file) { value }
    }
}
