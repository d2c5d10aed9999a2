import NIOCore

/// Lets an engine implement `Transcriber` without knowing the gateway's buffers.
extension TranscriptionJob.Audio {
    /// A copy of what is in memory, nil for a file.
    package var bytes: [UInt8]? {
        guard case .memory(let buffer) = self else { return nil }
        return Array(buffer.readableBytesView)
    }
}

extension TranscriptionResult {
    package init(text: String, duration: Double) {
        self.init(body: ByteBuffer(string: text), duration: duration)
    }
}
