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
    /// - Parameter rendered: the body.
    package init(
        rendered: String,
        duration: Double,
        text: String,
        tail: String = "",
        logProbabilities: [TokenLikelihood] = [],
        tokens: Int
    ) {
        self.init(
            body: ByteBuffer(string: rendered),
            duration: duration,
            text: text,
            tail: tail,
            logProbabilities: logProbabilities,
            tokens: tokens
        )
    }
}

extension SpokenPiece {
    package init(_ bytes: [UInt8], seconds: Double, characters: Int) {
        self.init(bytes: ByteBuffer(bytes: bytes), seconds: seconds, characters: characters)
    }
}
